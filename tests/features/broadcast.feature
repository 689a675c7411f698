Feature: One message to the whole building
  The syndic writes once. Before it is sent he sees who will get it and who cannot be reached; then he sees it happen, and can stop it.

  Background:
    Given in Résidence Les Tilleuls only Léa Dubois, Tom Vermeulen and Anna Schmitz can be reached
    And the syndic has written "Coupure d'eau" in French and "Waterpanne" in Dutch to the owners

  Scenario: The preview names those who cannot be reached, and sends nothing
    When he looks at the preview
    Then 3 people would get it, and 9 cannot be reached
    And Marguerite Lambert is among those who cannot, because no address leads to her
    And nobody was told anything

  Scenario: Each reads it in his language
    When he sends it
    And the courier has been round
    Then Tom Vermeulen reads "Waterpanne", and that the original is in "Français"
    And Léa Dubois reads "Coupure d'eau", and nothing of another language
    And Anna Schmitz reads "Coupure d'eau", and that the message is in "Français"

  Scenario: Pressed twice, sent once
    When he sends it
    And he sends it
    And the courier has been round
    Then each of the three was told once

  Scenario: It is stopped while Tom sleeps
    Given it is the middle of Tom Vermeulen's quiet hours
    When he sends it
    And the courier has been round
    Then he sees 2 sent and 1 waiting
    When he stops it
    Then he is told that 2 had left, and that 1 will not
    When the next morning has come and the courier has been round
    Then Tom Vermeulen was told nothing
    And he sees Tom Vermeulen among those who were not reached, because it was stopped
