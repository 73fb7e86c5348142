extension Template {
  /// As ``text(in:)`` in Dutch.
  var dutch: String {
    switch self {
    case .firstLoginCode:
      """
      Subject: Verificatiecode voor het e-mailadres van uw {product}-account

      Verifieer uw e-mailadres

      Bedankt voor het verifiëren van uw account! Uw code is: {code}

      Hiermee stelt u bij uw eerste aanmelding het account {login} in. De code is {minutes} minuten geldig.
      \(DutchTexts.codeAdvice)
      \(DutchTexts.end)
      """
    case .halfSetUpCode:
      """
      Subject: Verificatiecode voor het e-mailadres van uw {product}-account

      Verifieer uw e-mailadres

      Bedankt voor het verifiëren van uw account! Uw code is: {code}

      Hiermee kunt u een authenticator-app instellen voor het account {login}. De code is {minutes} minuten geldig.
      Voordat dit bericht werd verzonden, is uw wachtwoord ingevoerd. Was u dat niet? Wijzig het dan onmiddellijk.
      \(DutchTexts.codeAdvice)
      \(DutchTexts.end)
      """
    case .forgotPasswordCode:
      """
      Subject: Verificatiecode voor het e-mailadres van uw {product}-account

      Verifieer uw e-mailadres

      Bedankt voor het verifiëren van uw account! Uw code is: {code}

      Dit is een stap naar een nieuw wachtwoord voor het account {login}. De code is {minutes} minuten geldig.
      \(DutchTexts.codeAdvice)
      \(DutchTexts.end)
      """
    case .alreadySetUp:
      """
      Subject: Uw {product}-account is al ingesteld

      Iemand heeft met dit adres een eerste aanmelding aangevraagd, maar het account {login} is al ingesteld.
      Als u uw wachtwoord niet meer weet, kies dan "Wachtwoord vergeten"; er wordt dan om uw authenticator-app gevraagd.
      Als u dit niet was, hoeft u niets te doen.
      \(DutchTexts.end)
      """
    case .notSetUpYet:
      """
      Subject: Uw {product}-account is nog niet ingesteld

      Iemand heeft geprobeerd het account {login} te gebruiken, maar het is nog niet ingesteld.
      Kies "Eerste aanmelding" om het in te stellen; er wordt dan een code naar dit adres verzonden.
      Als u dit niet was, hoeft u niets te doen.
      \(DutchTexts.end)
      """
    case .halfSetUp:
      """
      Subject: Uw {product}-account

      Het account {login} heeft een wachtwoord, maar nog geen authenticator-app.
      Meld u aan met dat wachtwoord: er wordt een code naar dit adres verzonden en daarna verschijnt een afbeelding die u
      met een authenticator-app op uw telefoon scant. Als u het wachtwoord niet weet, neem dan contact op met de beheerder
      van uw organisatie.
      Beheerder: {contact}
      \(DutchTexts.end)
      """
    case .invitationExpired:
      """
      Subject: Uw uitnodiging voor {product} is verlopen

      Iemand heeft met dit adres een eerste aanmelding aangevraagd, maar de uitnodiging voor {login}
      is niet op tijd aanvaard. Vraag de beheerder van uw organisatie om u opnieuw uit te nodigen.
      Beheerder: {contact}
      \(DutchTexts.end)
      """
    case .deactivatedNotice:
      """
      Subject: Uw {product}-account is gedeactiveerd

      Het account {login} is gedeactiveerd.
      Neem contact op met de beheerder van uw organisatie om het te heractiveren.
      Beheerder: {contact}
      \(DutchTexts.end)
      """
    case .inactivityWarning:
      """
      Subject: Uw {product}-account wordt gedeactiveerd

      Het account {login} is lange tijd niet gebruikt en wordt over {days} dagen gedeactiveerd.
      Meld u vóór die tijd eenmaal aan om het te behouden.
      \(DutchTexts.end)
      """
    case .passwordChanged:
      """
      Subject: Uw {product}-wachtwoord is gewijzigd

      Het wachtwoord van het account {login} is gewijzigd.
      \(DutchTexts.alarm)
      \(DutchTexts.end)
      """
    case .enrolled:
      """
      Subject: Er is een authenticator-app ingesteld voor uw {product}-account

      Er is een authenticator-app ingesteld voor het account {login}.
      Vanaf nu wordt bij het aanmelden om de codes van deze app gevraagd.
      \(DutchTexts.alarm)
      \(DutchTexts.end)
      """
    case .authenticatorReplaced:
      """
      Subject: Er is een andere authenticator-app ingesteld voor uw {product}-account

      Er is een andere authenticator-app ingesteld voor het account {login}. De vorige app en de bijbehorende
      herstelcodes zijn niet meer geldig en u bent overal afgemeld.
      \(DutchTexts.alarm)
      \(DutchTexts.end)
      """
    case .recoveryCodeUsed:
      """
      Subject: Er is een herstelcode van uw {product}-account gebruikt

      Er is een herstelcode gebruikt in plaats van de authenticator-app van het account {login}.
      Aantal resterende codes: {left}. Nieuwe codes krijgt u bij een nieuwe authenticator-app.
      \(DutchTexts.alarm)
      \(DutchTexts.end)
      """
    case .factorReset:
      """
      Subject: Uw toegang tot {product} is opnieuw ingesteld

      Een beheerder heeft het wachtwoord en de authenticator-app van het account {login} verwijderd.
      Kies "Eerste aanmelding" om het opnieuw in te stellen; er wordt dan een code naar dit adres verzonden.
      \(DutchTexts.alarm)
      \(DutchTexts.end)
      """
    case .reactivated:
      """
      Subject: Uw {product}-account is opnieuw geactiveerd

      Het account {login} is weer actief. Meld u aan met uw gebruikelijke wachtwoord en authenticator-app.
      Als u uw wachtwoord niet meer weet, kies dan "Wachtwoord vergeten".
      \(DutchTexts.end)
      """
    case .failedAttempts:
      """
      Subject: Mislukte aanmeldingen bij uw {product}-account

      Iemand heeft meermaals zonder succes geprobeerd zich aan te melden als {login}.
      Verdere pogingen worden vertraagd.
      Was u dit zelf? Wacht dan even en probeer het opnieuw. Zo niet, dan blijft uw account beschermd.
      \(DutchTexts.end)
      """
    case .digest:
      """
      Subject: {product}: accounts van {organisation} die worden gedeactiveerd

      Binnen de komende {days} dagen worden {count} accounts van {organisation} gedeactiveerd wegens inactiviteit,
      tenzij ze daarvóór worden gebruikt:

      {account}  {date}
      en nog {more} andere

      U hoeft niets te doen. Wie een account wil behouden, meldt zich vóór de vermelde datum eenmaal aan.
      \(DutchTexts.end)
      """
    case .invitation:
      """
      Subject: Uw {product}-account

      Er is een account voor u aangemaakt: {login}
      Kies binnen {days} dagen "Eerste aanmelding" om het in te stellen. U wordt gevraagd een wachtwoord te kiezen
      en met een authenticator-app op uw telefoon een afbeelding te scannen.
      \(DutchTexts.end)
      """
    }
  }
}

private enum DutchTexts {
  static let codeAdvice = """
    Niemand zal u om deze code vragen: voer hem zelf in waar u hem hebt aangevraagd en deel hem met niemand.
    Als u deze code niet hebt aangevraagd, kunt u dit bericht negeren.
    """

  static let alarm = """
    Als u dit niet was, neem dan onmiddellijk contact op met de beheerder van uw organisatie.
    Beheerder: {contact}
    """

  static let end = """

    Hulp: {support}

    Met vriendelijke groet, {product}

    Dit bericht is verzonden vanaf een e-mailadres dat niet wordt gelezen. Beantwoord dit bericht niet.

    """
}
