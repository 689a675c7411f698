Feature: One organisation never sees another
  Two syndics use the same installation. What one has, the other cannot reach by any way.

  Background:
    Given Résidence Les Tilleuls is looked after by "Renard Gestion"
    And a building of the same files is looked after by "Autre Syndic"

  Scenario: Each asks in his own
    When somebody who owns only with "Autre Syndic" asks what he owes
    Then he is answered for his building alone

  Scenario: A choice of one is nothing in the other
    Given somebody who owns only with "Renard Gestion" was offered a choice
    When somebody who owns only with "Autre Syndic" presses it
    Then he is told nothing of it

  Scenario: The database itself keeps them apart
    When the application works for "Autre Syndic"
    Then it finds no row of "Renard Gestion" in any table
    And it cannot write one there
