extension Template {
  /// As ``text(in:)`` in German.
  var german: String {
    switch self {
    case .firstLoginCode:
      """
      Subject: Bestätigungscode für die E-Mail-Adresse Ihres {product}-Kontos

      Bestätigen Sie Ihre E-Mail-Adresse

      Vielen Dank, dass Sie Ihr Konto bestätigen! Ihr Code lautet: {code}

      Damit richten Sie bei Ihrer ersten Anmeldung das Konto {login} ein. Der Code ist {minutes} Minuten gültig.
      \(GermanTexts.codeAdvice)
      \(GermanTexts.end)
      """
    case .halfSetUpCode:
      """
      Subject: Bestätigungscode für die E-Mail-Adresse Ihres {product}-Kontos

      Bestätigen Sie Ihre E-Mail-Adresse

      Vielen Dank, dass Sie Ihr Konto bestätigen! Ihr Code lautet: {code}

      Damit können Sie für das Konto {login} eine Authenticator-App einrichten. Der Code ist {minutes} Minuten gültig.
      Vor dem Versand dieser Nachricht wurde Ihr Passwort eingegeben: Wenn Sie das nicht waren, ändern Sie es sofort.
      \(GermanTexts.codeAdvice)
      \(GermanTexts.end)
      """
    case .forgotPasswordCode:
      """
      Subject: Bestätigungscode für die E-Mail-Adresse Ihres {product}-Kontos

      Bestätigen Sie Ihre E-Mail-Adresse

      Vielen Dank, dass Sie Ihr Konto bestätigen! Ihr Code lautet: {code}

      Er ist ein Schritt zu einem neuen Passwort für das Konto {login} und {minutes} Minuten gültig.
      \(GermanTexts.codeAdvice)
      \(GermanTexts.end)
      """
    case .alreadySetUp:
      """
      Subject: Ihr {product}-Konto ist bereits eingerichtet

      Mit dieser Adresse wurde eine erste Anmeldung angefordert, aber das Konto {login} ist bereits eingerichtet.
      Wenn Sie Ihr Passwort nicht mehr kennen, wählen Sie „Passwort vergessen“; dabei wird ein Code
      Ihrer Authenticator-App verlangt.
      Wenn Sie das nicht waren, brauchen Sie nichts zu tun.
      \(GermanTexts.end)
      """
    case .notSetUpYet:
      """
      Subject: Ihr {product}-Konto ist noch nicht eingerichtet

      Jemand hat versucht, das Konto {login} zu verwenden, aber es ist noch nicht eingerichtet.
      Um es einzurichten, wählen Sie „Erste Anmeldung“; ein Code wird dann an diese Adresse gesendet.
      Wenn Sie das nicht waren, brauchen Sie nichts zu tun.
      \(GermanTexts.end)
      """
    case .halfSetUp:
      """
      Subject: Ihr {product}-Konto

      Das Konto {login} hat ein Passwort, aber noch keine Authenticator-App.
      Melden Sie sich mit diesem Passwort an: Ein Code wird an diese Adresse gesendet, und danach wird ein Bild angezeigt,
      das Sie mit einer Authenticator-App auf Ihrem Telefon scannen. Wenn Sie das Passwort nicht kennen, wenden Sie sich
      an den Administrator Ihrer Organisation.
      Administrator: {contact}
      \(GermanTexts.end)
      """
    case .invitationExpired:
      """
      Subject: Ihre Einladung zu {product} ist abgelaufen

      Mit dieser Adresse wurde eine erste Anmeldung angefordert, aber die Einladung für {login}
      wurde nicht rechtzeitig angenommen. Bitten Sie den Administrator Ihrer Organisation, Sie erneut einzuladen.
      Administrator: {contact}
      \(GermanTexts.end)
      """
    case .deactivatedNotice:
      """
      Subject: Ihr {product}-Konto wurde deaktiviert

      Das Konto {login} wurde deaktiviert.
      Wenden Sie sich an den Administrator Ihrer Organisation, um es wieder zu aktivieren.
      Administrator: {contact}
      \(GermanTexts.end)
      """
    case .inactivityWarning:
      """
      Subject: Ihr {product}-Konto wird deaktiviert

      Das Konto {login} wurde lange nicht verwendet und wird in {days} Tagen deaktiviert.
      Um es zu behalten, melden Sie sich vorher einmal an.
      \(GermanTexts.end)
      """
    case .passwordChanged:
      """
      Subject: Ihr {product}-Passwort wurde geändert

      Das Passwort des Kontos {login} wurde geändert.
      \(GermanTexts.alarm)
      \(GermanTexts.end)
      """
    case .enrolled:
      """
      Subject: Für Ihr {product}-Konto wurde eine Authenticator-App eingerichtet

      Für das Konto {login} wurde eine Authenticator-App eingerichtet. Ihre Codes werden ab jetzt bei der Anmeldung verlangt.
      \(GermanTexts.alarm)
      \(GermanTexts.end)
      """
    case .authenticatorReplaced:
      """
      Subject: Für Ihr {product}-Konto wurde eine andere Authenticator-App eingerichtet

      Für das Konto {login} wurde eine andere Authenticator-App eingerichtet. Die vorige und ihre
      Wiederherstellungscodes gelten nicht mehr, und Sie sind überall abgemeldet.
      \(GermanTexts.alarm)
      \(GermanTexts.end)
      """
    case .recoveryCodeUsed:
      """
      Subject: Ein Wiederherstellungscode Ihres {product}-Kontos wurde verwendet

      Anstelle der Authenticator-App des Kontos {login} wurde ein Wiederherstellungscode verwendet.
      Verbleibende Codes: {left}. Neue erhalten Sie mit einer neuen Authenticator-App.
      \(GermanTexts.alarm)
      \(GermanTexts.end)
      """
    case .factorReset:
      """
      Subject: Ihr Zugang zu {product} wurde zurückgesetzt

      Ein Administrator hat Passwort und Authenticator-App des Kontos {login} zurückgesetzt.
      Um es neu einzurichten, wählen Sie „Erste Anmeldung“; ein Code wird dann an diese Adresse gesendet.
      \(GermanTexts.alarm)
      \(GermanTexts.end)
      """
    case .reactivated:
      """
      Subject: Ihr {product}-Konto wurde wieder aktiviert

      Das Konto {login} ist wieder aktiv. Melden Sie sich mit Ihrem gewohnten Passwort und Ihrer Authenticator-App an.
      Wenn Sie Ihr Passwort nicht mehr kennen, wählen Sie „Passwort vergessen“.
      \(GermanTexts.end)
      """
    case .failedAttempts:
      """
      Subject: Fehlgeschlagene Anmeldungen bei Ihrem {product}-Konto

      Jemand hat mehrmals vergeblich versucht, sich als {login} anzumelden. Weitere Versuche werden verlangsamt.
      Wenn Sie es waren, warten Sie etwas und versuchen Sie es erneut. Andernfalls ist Ihr Konto weiterhin geschützt.
      \(GermanTexts.end)
      """
    case .digest:
      """
      Subject: {product}: Konten von {organisation}, die deaktiviert werden

      In den nächsten {days} Tagen werden {count} Konten von {organisation} wegen Inaktivität deaktiviert,
      sofern sie nicht vorher verwendet werden:

      {account}  {date}
      und {more} weitere

      Sie brauchen nichts zu tun. Wer ein Konto behalten möchte, meldet sich vor dem angegebenen Datum einmal an.
      \(GermanTexts.end)
      """
    case .invitation:
      """
      Subject: Ihr {product}-Konto

      Für Sie wurde ein Konto angelegt: {login}
      Wählen Sie innerhalb von {days} Tagen „Erste Anmeldung“, um es einzurichten. Sie werden gebeten,
      ein Passwort zu wählen und mit einer Authenticator-App auf Ihrem Telefon ein Bild zu scannen.
      \(GermanTexts.end)
      """
    }
  }
}

private enum GermanTexts {
  static let codeAdvice = """
    Niemand wird Sie nach diesem Code fragen: Geben Sie ihn selbst dort ein, wo Sie ihn angefordert haben,
    und geben Sie ihn an niemanden weiter.
    Wenn Sie diesen Code nicht angefordert haben, ignorieren Sie diese Nachricht.
    """

  static let alarm = """
    Wenn Sie das nicht waren, wenden Sie sich sofort an den Administrator Ihrer Organisation.
    Administrator: {contact}
    """

  static let end = """

    Hilfe: {support}

    Mit freundlichen Grüßen, {product}

    Diese Nachricht wurde von einer Adresse gesendet, deren Posteingang nicht gelesen wird. Bitte antworten Sie nicht darauf.

    """
}
