extension Template {
  /// As ``text(in:)`` in French.
  var french: String {
    switch self {
    case .firstLoginCode:
      """
      Subject: Code de vérification de l'adresse e-mail de votre compte {product}

      Vérifiez votre adresse e-mail

      Merci d'avoir vérifié votre compte ! Votre code est : {code}

      Il permet de configurer le compte {login} lors de votre première connexion et reste valable {minutes} minutes.
      \(FrenchTexts.codeAdvice)
      \(FrenchTexts.end)
      """
    case .halfSetUpCode:
      """
      Subject: Code de vérification de l'adresse e-mail de votre compte {product}

      Vérifiez votre adresse e-mail

      Merci d'avoir vérifié votre compte ! Votre code est : {code}

      Il vous permet de configurer une application d'authentification pour le compte {login}
      et reste valable {minutes} minutes.
      Votre mot de passe a été saisi avant l'envoi de ce message : si ce n'était pas vous, modifiez-le sans attendre.
      \(FrenchTexts.codeAdvice)
      \(FrenchTexts.end)
      """
    case .forgotPasswordCode:
      """
      Subject: Code de vérification de l'adresse e-mail de votre compte {product}

      Vérifiez votre adresse e-mail

      Merci d'avoir vérifié votre compte ! Votre code est : {code}

      C'est une étape vers un nouveau mot de passe pour le compte {login} ; il reste valable {minutes} minutes.
      \(FrenchTexts.codeAdvice)
      \(FrenchTexts.end)
      """
    case .alreadySetUp:
      """
      Subject: Votre compte {product} est déjà configuré

      Une première connexion a été demandée avec cette adresse, mais le compte {login} est déjà configuré.
      Si vous ne connaissez plus votre mot de passe, choisissez « Mot de passe oublié » ;
      un code de votre application d'authentification vous sera demandé.
      Si la demande ne vient pas de vous, vous n'avez rien à faire.
      \(FrenchTexts.end)
      """
    case .notSetUpYet:
      """
      Subject: Votre compte {product} n'est pas encore configuré

      Quelqu'un a essayé d'utiliser le compte {login}, mais celui-ci n'est pas encore configuré.
      Pour le configurer, choisissez « Première connexion » ; un code sera envoyé à cette adresse.
      Si ce n'était pas vous, vous n'avez rien à faire.
      \(FrenchTexts.end)
      """
    case .halfSetUp:
      """
      Subject: Votre compte {product}

      Le compte {login} a un mot de passe, mais pas encore d'application d'authentification.
      Connectez-vous avec ce mot de passe : un code sera envoyé à cette adresse, puis une image s'affichera, à scanner
      avec une application d'authentification sur votre téléphone. Si vous ne connaissez pas le mot de passe, adressez-vous
      à l'administrateur de votre organisation.
      Administrateur : {contact}
      \(FrenchTexts.end)
      """
    case .invitationExpired:
      """
      Subject: Votre invitation à {product} a expiré

      Une première connexion a été demandée avec cette adresse, mais l'invitation de {login}
      n'a pas été acceptée à temps. Demandez à l'administrateur de votre organisation de vous inviter de nouveau.
      Administrateur : {contact}
      \(FrenchTexts.end)
      """
    case .deactivatedNotice:
      """
      Subject: Votre compte {product} a été désactivé

      Le compte {login} a été désactivé.
      Contactez l'administrateur de votre organisation pour le réactiver.
      Administrateur : {contact}
      \(FrenchTexts.end)
      """
    case .inactivityWarning:
      """
      Subject: Votre compte {product} va être désactivé

      Le compte {login} n'a pas été utilisé depuis longtemps et sera désactivé dans {days} jours.
      Pour le conserver, connectez-vous une fois avant cette échéance.
      \(FrenchTexts.end)
      """
    case .passwordChanged:
      """
      Subject: Le mot de passe de votre compte {product} a été modifié

      Le mot de passe du compte {login} a été modifié.
      \(FrenchTexts.alarm)
      \(FrenchTexts.end)
      """
    case .enrolled:
      """
      Subject: Une application d'authentification a été configurée pour votre compte {product}

      Une application d'authentification a été configurée pour le compte {login}.
      Ses codes seront désormais demandés à la connexion.
      \(FrenchTexts.alarm)
      \(FrenchTexts.end)
      """
    case .authenticatorReplaced:
      """
      Subject: Une autre application d'authentification a été configurée pour votre compte {product}

      Une autre application d'authentification a été configurée pour le compte {login}. La précédente et ses codes de
      récupération ne sont plus valables, et vous êtes déconnecté partout.
      \(FrenchTexts.alarm)
      \(FrenchTexts.end)
      """
    case .recoveryCodeUsed:
      """
      Subject: Un code de récupération de votre compte {product} a été utilisé

      Un code de récupération a été utilisé à la place de l'application d'authentification du compte {login}.
      Codes restants : {left}. Vous en recevrez de nouveaux avec une nouvelle application d'authentification.
      \(FrenchTexts.alarm)
      \(FrenchTexts.end)
      """
    case .factorReset:
      """
      Subject: Votre accès à {product} a été réinitialisé

      Un administrateur a réinitialisé le mot de passe et l'application d'authentification du compte {login}.
      Pour le configurer de nouveau, choisissez « Première connexion » ; un code sera envoyé à cette adresse.
      \(FrenchTexts.alarm)
      \(FrenchTexts.end)
      """
    case .reactivated:
      """
      Subject: Votre compte {product} a été réactivé

      Le compte {login} est de nouveau actif. Connectez-vous avec votre mot de passe et votre application
      d'authentification habituels. Si vous ne connaissez plus votre mot de passe, choisissez « Mot de passe oublié ».
      \(FrenchTexts.end)
      """
    case .failedAttempts:
      """
      Subject: Échecs de connexion à votre compte {product}

      Quelqu'un a essayé plusieurs fois de se connecter en tant que {login}, sans succès.
      Les tentatives suivantes sont ralenties.
      Si c'était vous, patientez un peu, puis réessayez. Sinon, votre compte reste protégé.
      \(FrenchTexts.end)
      """
    case .digest:
      """
      Subject: {product} : comptes de {organisation} qui seront désactivés

      Au cours des {days} prochains jours, {count} comptes de {organisation} seront désactivés pour cause d'inactivité,
      sauf s'ils sont utilisés auparavant :

      {account}  {date}
      et {more} autres

      Aucune action n'est requise. Pour conserver un compte, il suffit de s'y connecter une fois avant la date indiquée.
      \(FrenchTexts.end)
      """
    case .invitation:
      """
      Subject: Votre compte {product}

      Un compte a été créé pour vous : {login}
      Choisissez « Première connexion » dans les {days} jours pour le configurer. Vous devrez choisir un mot de passe
      et scanner une image avec une application d'authentification sur votre téléphone.
      \(FrenchTexts.end)
      """
    }
  }
}

private enum FrenchTexts {
  static let codeAdvice = """
    Personne ne vous demandera ce code : saisissez-le vous-même là où vous l'avez demandé
    et ne le communiquez à personne.
    Si vous n'avez pas demandé ce code, ignorez ce message.
    """

  static let alarm = """
    Si ce n'était pas vous, contactez immédiatement l'administrateur de votre organisation.
    Administrateur : {contact}
    """

  static let end = """

    Aide : {support}

    Cordialement, {product}

    Ce message a été envoyé depuis une adresse qui n'est pas consultée. Merci de ne pas y répondre.

    """
}
