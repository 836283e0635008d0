Feature: UC-001 User registration
  As an API client
  I want to create a new user account
  So that users can access the system

  Background:
    Given I am an API client

  Rule: AC-001 A valid request creates the user

    Scenario: Successfully create a new user
      When I POST to "/api/v1/users" with:
        | email            | username | password       |
        | test@example.com | testuser | SecurePass123! |
      Then I receive a 201 status code
      And the response contains the user ID
      And the response contains email "test@example.com"
      And the response contains username "testuser"
      And the response does not contain the password
      And the user is stored

    Scenario: The same service answers under its short path
      When I POST to "/v1/users" with:
        | email             | username  | password       |
        | short@example.com | shortpath | SecurePass123! |
      Then I receive a 201 status code

  Rule: AC-002 and BR-001 An email belongs to one user, in whatever case it is written

    Scenario Outline: Reject duplicate email
      Given a user exists with email "<taken>"
      When I POST to "/api/v1/users" with email "<sent>"
      Then I receive a 409 status code
      And the error message is "Email already registered"
      And the error is about "email"

      Examples:
        | taken                | sent                 |
        | existing@example.com | existing@example.com |
        | cased@example.com    | Cased@EXAMPLE.com    |

  Rule: AC-003 and BR-002 A username belongs to one user, letter by letter

    Scenario: Reject duplicate username
      Given a user exists with username "existinguser"
      When I POST to "/api/v1/users" with username "existinguser"
      Then I receive a 409 status code
      And the error message is "Username already exists"
      And the error is about "username"

    Scenario: Another case is another username
      Given a user exists with username "caseduser"
      When I POST to "/api/v1/users" with username "CasedUser"
      Then I receive a 201 status code

  Rule: AC-004 and BR-004 The email must be one

    Scenario: Reject an invalid email
      When I POST to "/api/v1/users" with email "invalid-email"
      Then I receive a 400 status code
      And the error is about "email"

  Rule: AC-005 and BR-003 A weak password is refused

    Scenario: Reject a short password
      When I POST to "/api/v1/users" with password "123"
      Then I receive a 400 status code
      And the error is about "password"

  Rule: BR-005 A username has 3 to 50 letters, digits, hyphens and underscores

    Scenario Outline: Reject username <username>
      When I POST to "/api/v1/users" with username "<username>"
      Then I receive a 400 status code
      And the error is about "username"

      Examples:
        | username                                            |
        | ab                                                  |
        | aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee1 |
        | with space                                          |
        | -leading                                            |
        | trailing_                                           |

  Rule: AC-006 The password is hashed before it is stored

    Scenario: Nothing that is stored shows the password
      Given I create a user with password "Hashed-Pass-987!"
      Then the password "Hashed-Pass-987!" is nowhere in the database
      And only the password "Hashed-Pass-987!" is known to the service
