Feature: Telegram is tied to a person by a one-time code
  A bot cannot write first. The invitation of the syndic carries a link, and the link a code that is good once.

  Background:
    Given the bot is on Telegram

  Scenario: From the invitation to the first answer
    Given the syndic has invited lea-dubois
    When she opens the link on her phone
    Then she is welcomed as "Léa Dubois", with the lots 3A, G3, C3
    When she writes "combien je dois ?"
    Then she reads an amount, and buttons

  Scenario: A code is good once
    Given the syndic has invited lea-dubois
    And she has opened the link on her phone
    When somebody else opens the same link
    Then that person is told that the code is not valid

  Scenario: Somebody without a code learns nothing
    When somebody else writes "combien doit Léa Dubois ?"
    Then that person is welcomed, and told nothing
