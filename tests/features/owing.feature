Feature: An owner asks what he owes, why, and how to pay
  The amount comes first. Every cent can be followed to an invoice, a key and a share.

  Background:
    Given it is 2026-11-22 at 10:30 in Résidence Les Tilleuls

  Scenario: What do I owe, and how do I pay
    When Léa Dubois writes "Combien je dois ce trimestre ?"
    Then the answer leads with "À payer : 740,40 €, pour le 30 novembre 2026"
    And it names the account BE68 5390 0754 7034 and a structured communication
    When she presses "Payer"
    Then the answer carries a picture that pays 740.40 euro to BE68539007547034
    When it is 2026-11-26 and the bank has brought 740.40 euro of lea-dubois
    And she writes "Combien je dois ce trimestre ?"
    Then the answer leads with "Vous n'avez rien à payer."

  Scenario Outline: Everybody in his own language
    When <who> writes "<words>"
    Then the answer leads with "<title>"

    Examples:
      | who           | words                                | title                                                      |
      | Sofie De Smet | Hoeveel moet ik dit kwartaal betalen? | Te betalen: € 583,01, tegen 30 november 2026               |
      | Anna Schmitz  | Was muss ich dieses Quartal zahlen?  | Sie haben nichts zu zahlen.                                |
      | James Carter  | What do I owe this quarter?          | To pay: €2,527.10. The due date of 31 May 2026 has passed. |

  Scenario: Where does it come from
    When Léa Dubois writes "Combien je dois ce trimestre ?"
    And she presses "D'où vient ce montant ?"
    Then the parts add up to 740.40 euro
    And the invoice F2026-022 is split by 84/1 000

  Scenario: A tenant is told kindly that he has no account
    When Youssef Benali writes "Combien je dois ce trimestre ?"
    Then the answer leads with "Vous n'avez pas de compte de charges ici."
    And no amount is told
