Feature: A syndic loads a building from files
  A building is a folder of plain tables. It is loaded whole or not at all, and comes back as it was given.

  Scenario: A building is loaded, and its owners can ask at once
    Given the folder of Résidence Les Tilleuls
    When the syndic imports it
    Then the command succeeds
    And it says that 24 lots and 16 persons were added
    And lea.dubois@tilleuls.example, asked on 2026-11-22, owes 740.40 euro for this quarter

  Scenario: A trial changes nothing
    Given the folder of Résidence Les Tilleuls
    When the syndic imports it as a dry run
    Then the command succeeds
    And there is no building yet

  Scenario: Every fault is listed, and nothing is changed
    Given the folder of Résidence Les Tilleuls
    And the shares of lot 3A are 85 instead of 84
    And the expense F2026-001 has a total of 900.00
    And the payment of 2026-11-18 is made by nobody-we-know
    When the syndic imports it
    Then the command ends with 2
    And a fault is named in lots.csv
    And a fault is named in expenses.csv at line 44
    And a fault is named in payments.csv at line 105
    And there is no building yet

  Scenario: A payment that arrived is added, and the rest stays as it is
    Given the folder of Résidence Les Tilleuls
    And the syndic has imported it
    And lea-dubois has paid 740.40 euro on 2026-11-25
    When the syndic imports it
    Then the command succeeds
    And it says that 1 entry was booked and 0 reversed
    And lea.dubois@tilleuls.example, asked on 2026-11-26, owes 0.00 euro for this quarter
    And the books are right

  Scenario: What was given comes back
    Given the folder of Résidence Les Tilleuls
    And the syndic has imported it
    When the syndic exports tilleuls
    Then the files are the same, byte for byte
