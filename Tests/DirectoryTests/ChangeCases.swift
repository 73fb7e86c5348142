import Foundation
import Secrets
import SignIn
import Testing

/// A change, the entry it is for, what it leaves there, and everything that must stop it.
struct ChangeCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// Attributes of the entry as it is read.
  let entry: [String]
  let make: @Sendable (Account) -> Change
  /// Every attribute that differs afterwards: its new value, nil where it is gone, `any` where it holds randomness.
  let leaves: [String: String?]
  let breaks: [Break]
  /// Where ppolicy is loaded: what is different then; nil where the change makes sense there alone or not at all.
  var lockLeaves: [String: String?] = [:]
  var needsPolicy = false
  var testDescription: String { name }

  /// One part of a condition, broken between reading and writing.
  struct Break: Sendable {
    let name: String
    /// Lines of an LDIF change.
    let lines: String
    var needsPolicy = false
    /// What was broken is itself a gesture of reactivation, which the next reading completes.
    var isGesture = false

    static func set(_ attribute: String, _ value: String, needsPolicy: Bool = false) -> Break {
      Break(
        name: "\(attribute) is \(value)", lines: "replace: \(attribute)\n\(attribute): \(value)\n-",
        needsPolicy: needsPolicy)
    }
    static func clear(_ attribute: String, needsPolicy: Bool = false, isGesture: Bool = false) -> Break {
      Break(
        name: "\(attribute) is gone", lines: "replace: \(attribute)\n-", needsPolicy: needsPolicy, isGesture: isGesture)
    }
  }

  static let any = "(any)"
}

private let hash = "{SSHA}b2xkIGhhc2ggdGhhdCBub2JvZHkga25vd3M="
private let newHash = PasswordHash(stored: Array("{SSHA}bmV3IGhhc2ggdGhhdCBub2JvZHkga25vd3M=".utf8))
private let secret = Secret(Array("12345678901234567890".utf8))
private let enrolment = Enrolment(
  secret, step: 200, recovery: RecoveryCodes(shown: [], stored: [Array("fresh".utf8)]))
private let stamp = today.generalizedTime
private let day = today.generalizedDay
private let marker = "20260101000000Z"
/// Later than any test: the password did not change since.
private let lateMarker = "20990101000000Z"
private let forever = "000001010000Z"
private let budget = "2 20261124075500.000001Z 20261124075500.000002Z"
private let moved = "3 20261124075500.000001Z 20261124075500.000002Z 20261124075500.000003Z"
private let endedLater = "20990101000000.000000Z a5"
private let endedEarlier = "20200101000000.000000Z 5a"
private let live = LiveCode(stored: Array("12345678authenticator".utf8))

private let active = [
  "userPassword: \(hash)", "drawbridgeTOTPSecret: sealed", "drawbridgeTOTPLastStep: 100",
  "drawbridgeLastSignIn: 20260101120000Z", "drawbridgeIdleSince: 20260101000000Z", "drawbridgeOTPTries: \(budget)",
  "drawbridgePasswordTries: \(budget)", "drawbridgeMailsSent: \(budget)",
]

private let warned = ["drawbridgeWarnedTime: \(marker)", "drawbridgeWarningClaimed: \(marker)"]

private let hashMoved: [ChangeCase.Break] = [.set("userPassword", newHash.text), .clear("userPassword")]
private let secretMoved: [ChangeCase.Break] = [.set("drawbridgeTOTPSecret", "other"), .clear("drawbridgeTOTPSecret")]
private let recoveryUsed: [ChangeCase.Break] = [
  .set("drawbridgeRecoveryCode", "another"), .clear("drawbridgeRecoveryCode"),
]
private let stepUsed: [ChangeCase.Break] = [
  .set("drawbridgeTOTPLastStep", "200"), .set("drawbridgeTOTPLastStep", "201"),
]
private let disabled: [ChangeCase.Break] = [
  .set("drawbridgeDeactivatedTime", marker), .set("pwdAccountLockedTime", forever, needsPolicy: true),
]
private let turnedAway = disabled + [ChangeCase.Break.set("pwdReset", "TRUE", needsPolicy: true)]
private let addressMoved: [ChangeCase.Break] = [.set("mail", "else@example.org"), .clear("mail")]

private let signedIn: [String: String?] = [
  "drawbridgetotplaststep": "200", "drawbridgelastsignin": stamp, "drawbridgeidlesince": day,
]

extension PasswordHash {
  fileprivate var text: String { String(decoding: stored, as: UTF8.self) }
}

extension ChangeCase {
  static let all: [ChangeCase] =
    [
      ChangeCase(
        name: "signIn", entry: active + warned, make: { .signIn($0, step: 200, at: today) },
        leaves: signedIn.merging([
          "drawbridgeprevioussignin": "20260101120000.000000Z", "drawbridgeotptries": nil,
          "drawbridgepasswordtries": nil, "drawbridgewarnedtime": nil, "drawbridgewarningclaimed": nil,
        ]) { $1 },
        breaks: hashMoved + secretMoved + stepUsed + turnedAway + [
          .set("drawbridgeOTPTries", moved), .clear("drawbridgeOTPTries"),
        ]),
      ChangeCase(
        name: "signIn, the hash behind pass-through",
        entry: ["userPassword: {SASL}jdoe", "drawbridgePassword: \(hash)", "drawbridgeTOTPSecret: sealed"],
        make: { .signIn($0, step: 200, at: today) }, leaves: signedIn,
        breaks: [.set("drawbridgePassword", newHash.text), .clear("drawbridgePassword")] + secretMoved + stepUsed
          + turnedAway + [.set("drawbridgeOTPTries", budget)]),
      ChangeCase(
        name: "firstLogin", entry: ["drawbridgeInvitedTime: \(marker)"],
        make: { .firstLogin($0, newHash, enrolment, at: today) },
        leaves: signedIn.merging([
          "userpassword": newHash.text, "drawbridgetotpsecret": any, "drawbridgeinvitedtime": nil,
          "drawbridgerecoverycode": "fresh",
        ]) { $1 },
        breaks: [
          .set("userPassword", hash), .set("drawbridgePassword", hash), .set("drawbridgeTOTPSecret", "other"),
        ] + addressMoved + turnedAway),
      ChangeCase(
        name: "enrol", entry: ["userPassword: \(hash)", "drawbridgeRecoveryCode: of another app"],
        make: { .enrol($0, enrolment, at: today) },
        leaves: signedIn.merging(["drawbridgetotpsecret": any, "drawbridgerecoverycode": "fresh"]) { $1 },
        breaks: hashMoved + [.set("drawbridgeTOTPSecret", "other")] + addressMoved + turnedAway),
      ChangeCase(
        name: "signIn, while a short lock of ppolicy's own stands",
        entry: ["userPassword: \(hash)", "drawbridgeTOTPSecret: sealed", "pwdAccountLockedTime: 20261124075600Z"],
        make: { .signIn($0, step: 200, at: today) }, leaves: signedIn, breaks: turnedAway, needsPolicy: true),
      ChangeCase(
        name: "signInWithRecoveryCode", entry: active + warned + ["drawbridgeRecoveryCode: mine"],
        make: { .signInWithRecoveryCode($0, Array("mine".utf8), at: today) },
        leaves: [
          "drawbridgelastsignin": stamp, "drawbridgeidlesince": day,
          "drawbridgeprevioussignin": "20260101120000.000000Z", "drawbridgeotptries": nil,
          "drawbridgepasswordtries": nil, "drawbridgewarnedtime": nil, "drawbridgewarningclaimed": nil,
          "drawbridgerecoverycode": nil,
        ],
        breaks: hashMoved + secretMoved + turnedAway + recoveryUsed + [
          .set("drawbridgeOTPTries", moved), .clear("drawbridgeOTPTries"),
        ]),
      ChangeCase(
        name: "useRecoveryCode", entry: active + ["drawbridgeRecoveryCode: mine"],
        make: { .useRecoveryCode($0, Array("mine".utf8)) }, leaves: ["drawbridgerecoverycode": nil],
        breaks: hashMoved + secretMoved + disabled + recoveryUsed),
      ChangeCase(
        name: "replaceAuthenticator",
        entry: active + ["drawbridgeRecoveryCode: of the old app", "drawbridgeSessionEnded: another"],
        make: { .replaceAuthenticator($0, enrolment, at: today) },
        leaves: [
          "drawbridgetotpsecret": any, "drawbridgetotplaststep": "200", "drawbridgerecoverycode": "fresh",
          "drawbridgesessionssince": stamp, "drawbridgesessionended": nil,
        ],
        breaks: hashMoved + secretMoved + disabled + [.set("drawbridgeTOTPLastStep", "201")]),
      ChangeCase(
        name: "useStep", entry: active, make: { .useStep($0, step: 200) }, leaves: ["drawbridgetotplaststep": "200"],
        breaks: hashMoved + secretMoved + stepUsed + disabled),
      ChangeCase(
        name: "setPassword", entry: active, make: { .setPassword($0, newHash, keepingHistory: 2) },
        leaves: ["userpassword": newHash.text, "drawbridgepasswordhistory": hash],
        breaks: hashMoved + secretMoved + disabled),
      ChangeCase(
        name: "setPassword where there was none", entry: ["drawbridgeTOTPSecret: sealed"],
        make: { .setPassword($0, newHash, keepingHistory: 0) }, leaves: ["userpassword": newHash.text],
        breaks: [.set("userPassword", hash)] + secretMoved + disabled),
      ChangeCase(
        name: "upgradeHash", entry: active, make: { .upgradeHash($0, newHash) }, leaves: ["userpassword": newHash.text],
        breaks: hashMoved + disabled),
      ChangeCase(
        name: "storeMailedCode", entry: active + ["drawbridgeCodeTries: \(budget)"],
        make: { .storeMailedCode($0, live, at: today) },
        leaves: [
          "drawbridgecode": "12345678authenticator", "drawbridgemailssent": "3" + budget.dropFirst() + " \(stamp)",
          "drawbridgecodetries": "0" + budget.dropFirst(),
        ],
        breaks: hashMoved + secretMoved + addressMoved + disabled + [
          .set("drawbridgeMailsSent", moved), .clear("drawbridgeMailsSent"), .set("drawbridgeCodeTries", moved),
          .clear("drawbridgeCodeTries"),
        ]),
      ChangeCase(
        name: "useMailedCode", entry: ["drawbridgeCode: 12345678authenticator"], make: { .useMailedCode($0) },
        leaves: ["drawbridgecode": nil], breaks: [.set("drawbridgeCode", "12345678another"), .clear("drawbridgeCode")]),
      ChangeCase(
        name: "charge", entry: active + ["drawbridgeCode: 12345678authenticator"],
        make: { .charge($0, .authenticator, $0.tries[.authenticator].charged(at: today), killsMailedCode: true) },
        leaves: ["drawbridgeotptries": "3" + budget.dropFirst() + " \(stamp)", "drawbridgecode": nil],
        breaks: [.set("drawbridgeOTPTries", moved), .clear("drawbridgeOTPTries")]),
      ChangeCase(
        name: "the first charge", entry: [],
        make: { .charge($0, .password, $0.tries[.password].charged(at: today), killsMailedCode: false) },
        leaves: ["drawbridgepasswordtries": "1 \(stamp)"], breaks: [.set("drawbridgePasswordTries", budget)]),
    ] + standing + administration

  /// Deactivation, reactivation, and the clock.
  private static let standing: [ChangeCase] = [
    ChangeCase(
      name: "deactivate for inactivity", entry: active,
      make: { .deactivate($0, .inactivity, at: today, cutoff: today) },
      leaves: [
        "drawbridgeidlesince": nil, "drawbridgedeactivatedtime": stamp, "drawbridgesessionssince": stamp,
        "drawbridgedeactivatedreason": "inactivity",
      ],
      breaks: [
        .set("drawbridgeIdleSince", "20260102000000Z"), .clear("drawbridgeIdleSince"), .set("drawbridgeExempt", "TRUE"),
        .set("drawbridgeLastSignIn", stamp),
      ] + disabled,
      lockLeaves: ["pwdaccountlockedtime": forever, "drawbridgelockset": "TRUE"]),
    ChangeCase(
      name: "deactivate by an administrator", entry: [],
      make: { .deactivate($0, .administrator, at: today, cutoff: nil) },
      leaves: [
        "drawbridgedeactivatedtime": stamp, "drawbridgesessionssince": stamp,
        "drawbridgedeactivatedreason": "administrator",
      ],
      breaks: [.set("drawbridgeIdleSince", "20260102000000Z")] + disabled,
      lockLeaves: ["pwdaccountlockedtime": forever, "drawbridgelockset": "TRUE"]),
    ChangeCase(
      name: "deactivate an exempt one by an administrator", entry: ["drawbridgeExempt: TRUE"],
      make: { .deactivate($0, .administrator, at: today, cutoff: nil) },
      leaves: [
        "drawbridgedeactivatedtime": stamp, "drawbridgesessionssince": stamp,
        "drawbridgedeactivatedreason": "administrator",
      ],
      breaks: disabled, lockLeaves: ["pwdaccountlockedtime": forever, "drawbridgelockset": "TRUE"]),
    ChangeCase(
      name: "reactivate", entry: ["drawbridgeDeactivatedTime: \(marker)", "drawbridgeDeactivatedReason: inactivity"],
      make: { .reactivate($0, at: today) },
      leaves: ["drawbridgedeactivatedtime": nil, "drawbridgedeactivatedreason": nil, "drawbridgeidlesince": day],
      breaks: [
        .clear("drawbridgeDeactivatedTime", isGesture: true),
        .set("pwdAccountLockedTime", forever, needsPolicy: true),
      ]),
    ChangeCase(
      name: "undo",
      entry: [
        "drawbridgeDeactivatedTime: \(marker)", "drawbridgeDeactivatedReason: inactivity",
        "drawbridgeWarnedTime: \(marker)",
      ],
      make: { .undo($0, deactivated: Timestamp(seconds: 1_767_225_600), at: today) },
      leaves: [
        "drawbridgedeactivatedtime": nil, "drawbridgedeactivatedreason": nil, "drawbridgewarnedtime": nil,
        "drawbridgeidlesince": day,
      ],
      breaks: [
        .clear("drawbridgeDeactivatedTime", isGesture: true), .set("drawbridgeDeactivatedTime", "20260101000001Z"),
        .set("drawbridgeDeactivatedTime", "20260101000000.000001Z"),
        .set("pwdAccountLockedTime", forever, needsPolicy: true),
      ]),
    ChangeCase(
      name: "reactivate what is locked",
      entry: [
        "drawbridgeDeactivatedTime: \(lateMarker)", "drawbridgeLockSet: TRUE", "pwdAccountLockedTime: \(forever)",
        "userPassword: \(hash)",
      ],
      make: { .reactivate($0, at: today) },
      leaves: [
        "drawbridgedeactivatedtime": nil, "drawbridgelockset": nil, "pwdaccountlockedtime": nil,
        "drawbridgeidlesince": day,
      ],
      breaks: [
        .clear("drawbridgeDeactivatedTime", isGesture: true), .clear("pwdAccountLockedTime", isGesture: true),
      ], needsPolicy: true),
    ChangeCase(
      name: "finishReactivation, the marker was deleted",
      entry: ["drawbridgeLockSet: TRUE", "pwdAccountLockedTime: \(forever)"],
      make: { .finishReactivation($0, at: today) },
      leaves: ["drawbridgelockset": nil, "pwdaccountlockedtime": nil, "drawbridgeidlesince": day],
      breaks: [.set("drawbridgeDeactivatedTime", marker), .clear("drawbridgeLockSet")], needsPolicy: true),
    ChangeCase(
      name: "finishReactivation, the lock was deleted",
      entry: ["drawbridgeLockSet: TRUE", "drawbridgeDeactivatedTime: \(lateMarker)", "userPassword: \(hash)"],
      make: { .finishReactivation($0, at: today) },
      leaves: ["drawbridgelockset": nil, "drawbridgedeactivatedtime": nil, "drawbridgeidlesince": day],
      breaks: [.set("pwdAccountLockedTime", forever), .clear("drawbridgeLockSet")], needsPolicy: true),
    ChangeCase(
      name: "lockAgain, the password was taken away",
      entry: ["drawbridgeLockSet: TRUE", "drawbridgeDeactivatedTime: \(lateMarker)"],
      make: { .lockAgain($0, at: today) },
      leaves: ["pwdaccountlockedtime": forever, "drawbridgedeactivatedtime": stamp],
      breaks: [
        .set("pwdAccountLockedTime", forever), .clear("drawbridgeLockSet"),
        .clear("drawbridgeDeactivatedTime", isGesture: true),
      ],
      needsPolicy: true),
    ChangeCase(
      name: "finishReactivation, the marker was deleted and there was no lock",
      entry: ["drawbridgeDeactivatedReason: inactivity"], make: { .finishReactivation($0, at: today) },
      leaves: ["drawbridgedeactivatedreason": nil, "drawbridgeidlesince": day],
      breaks: [.set("drawbridgeDeactivatedTime", marker), .clear("drawbridgeDeactivatedReason")]),
    ChangeCase(
      name: "claimWarning", entry: ["drawbridgeIdleSince: \(marker)", "drawbridgeWarnedTime: \(marker)"],
      make: { .claimWarning($0, at: today) }, leaves: ["drawbridgewarningclaimed": stamp],
      breaks: [
        .set("drawbridgeWarningClaimed", marker), .set("drawbridgeWarnedTime", stamp), .clear("drawbridgeWarnedTime"),
        .set("drawbridgeIdleSince", "20260102000000Z"), .clear("drawbridgeIdleSince"), .set("drawbridgeExempt", "TRUE"),
        .set("drawbridgeDeactivatedTime", marker),
      ]),
    ChangeCase(
      name: "claimWarning, taken over",
      entry: ["drawbridgeIdleSince: \(marker)", "drawbridgeWarningClaimed: \(marker)"],
      make: { .claimWarning($0, at: today) }, leaves: ["drawbridgewarningclaimed": stamp],
      breaks: [.set("drawbridgeWarningClaimed", "20260101000000.000001Z"), .clear("drawbridgeWarningClaimed")]),
    ChangeCase(
      name: "stampWarning", entry: ["drawbridgeWarningClaimed: \(marker)"],
      make: { .stampWarning($0, claimed: Timestamp(seconds: 1_767_225_600), at: today) },
      leaves: ["drawbridgewarningclaimed": nil, "drawbridgewarnedtime": stamp],
      breaks: [.set("drawbridgeWarningClaimed", stamp), .clear("drawbridgeWarningClaimed")]),
    ChangeCase(
      name: "advanceClock",
      entry: [
        "drawbridgeIdleSince: \(marker)", "drawbridgeWarnedTime: \(marker)", "drawbridgeWarningClaimed: \(marker)",
      ],
      make: { .advanceClock($0, to: today) },
      leaves: ["drawbridgeidlesince": day, "drawbridgewarnedtime": nil, "drawbridgewarningclaimed": nil],
      breaks: [.set("drawbridgeIdleSince", "20260102000000Z"), .set("drawbridgeDeactivatedTime", marker)]),
    ChangeCase(
      name: "startClock", entry: ["userPassword: \(hash)"], make: { .startClock($0, at: today) },
      leaves: ["drawbridgeidlesince": day],
      breaks: [.set("drawbridgeIdleSince", "20260102000000Z"), .set("drawbridgeDeactivatedTime", marker)]),
    ChangeCase(
      name: "dateInvitation", entry: ["drawbridgeIdleSince: \(marker)"] + warned,
      make: { .dateInvitation($0, at: today) },
      leaves: [
        "drawbridgeinvitedtime": stamp, "drawbridgeidlesince": nil, "drawbridgewarnedtime": nil,
        "drawbridgewarningclaimed": nil,
      ],
      breaks: [
        .set("drawbridgeInvitedTime", marker), .set("userPassword", hash), .set("drawbridgePassword", hash),
        .set("drawbridgeTOTPSecret", "other"),
      ] + disabled),
    ChangeCase(
      name: "dateInvitation, which has its time, and a clock",
      entry: ["drawbridgeIdleSince: \(marker)", "drawbridgeInvitedTime: \(marker)"],
      make: { .dateInvitation($0, at: today) }, leaves: ["drawbridgeidlesince": nil],
      breaks: [.set("userPassword", hash), .set("drawbridgeTOTPSecret", "other")] + disabled),
    ChangeCase(
      name: "dateInvitation, behind pass-through", entry: ["userPassword: {SASL}jdoe"],
      make: { .dateInvitation($0, at: today) }, leaves: ["drawbridgeinvitedtime": stamp],
      breaks: [.set("drawbridgePassword", hash), .set("drawbridgeTOTPSecret", "other")] + disabled),
  ]

  private static let charged = [
    "drawbridgePasswordTries: \(budget)", "drawbridgeOTPTries: \(budget)", "drawbridgeForgotTries: \(budget)",
    "drawbridgeCodeTries: \(budget)", "drawbridgeMailsSent: \(budget)",
  ]
  private static let forgiven: [String: String?] = [
    "drawbridgepasswordtries": nil, "drawbridgeotptries": nil, "drawbridgeforgottries": nil,
    "drawbridgecodetries": nil,
  ]
  private static let over: [String: String?] = ["drawbridgesessionssince": stamp, "drawbridgeinvitedtime": stamp]

  /// What an administrator asks for.
  private static let administration: [ChangeCase] = [
    ChangeCase(
      name: "unlock", entry: charged, make: { .unlock($0) }, leaves: forgiven,
      breaks: ["Password", "OTP", "Forgot", "Code"].flatMap { name -> [Break] in
        [.set("drawbridge\(name)Tries", moved), .clear("drawbridge\(name)Tries")]
      }),
    ChangeCase(
      name: "reset",
      entry: charged + [
        "userPassword: \(hash)", "drawbridgeTOTPSecret: sealed", "drawbridgeRecoveryCode: code",
        "drawbridgeCode: 12345678authenticator", "drawbridgeIdleSince: 20260101000000Z",
        "drawbridgeSessionEnded: one", "drawbridgeLastSignIn: 20260101120000Z",
      ],
      make: { .reset($0, at: today, keepingHistory: 2) },
      leaves: forgiven.merging(over) { $1 }.merging([
        "userpassword": nil, "drawbridgetotpsecret": nil, "drawbridgerecoverycode": nil, "drawbridgecode": nil,
        "drawbridgeidlesince": nil, "drawbridgesessionended": nil, "drawbridgepasswordhistory": hash,
      ]) { $1 },
      breaks: hashMoved + secretMoved + disabled),
    ChangeCase(
      name: "reset, the hash behind pass-through",
      entry: ["userPassword: {SASL}jdoe", "drawbridgePassword: \(hash)", "drawbridgeTOTPSecret: sealed"],
      make: { .reset($0, at: today, keepingHistory: 0) },
      leaves: over.merging(["drawbridgepassword": nil, "drawbridgetotpsecret": nil]) { $1 },
      breaks: [.set("drawbridgePassword", newHash.text), .clear("drawbridgePassword")] + secretMoved + disabled),
    ChangeCase(
      name: "reseal", entry: ["drawbridgeTOTPSecret: sealed", "drawbridgeRecoveryCode: code"],
      make: {
        .reseal(
          $0,
          Resealed(
            secret: .init(old: Array("sealed".utf8), new: Array("anew".utf8)),
            recoveryCodes: [.init(old: Array("code".utf8), new: Array("code anew".utf8))]))
      },
      leaves: ["drawbridgetotpsecret": "anew", "drawbridgerecoverycode": "code anew"],
      breaks: secretMoved + [.set("drawbridgeRecoveryCode", "other"), .clear("drawbridgeRecoveryCode")]),
    ChangeCase(
      name: "endSessions",
      entry: ["drawbridgeSessionsSince: 20260101120000Z", "drawbridgeSessionEnded: \(endedLater)"],
      make: { .endSessions($0, at: today) },
      leaves: ["drawbridgesessionssince": stamp, "drawbridgesessionended": nil],
      breaks: [.set("drawbridgeSessionsSince", "20260102000000Z"), .clear("drawbridgeSessionsSince")]),
    ChangeCase(
      name: "endSession", entry: [],
      make: { .endSession($0, id: [0xA5], ends: Timestamp(seconds: 4_070_908_800), at: today) },
      leaves: ["drawbridgesessionended": endedLater], breaks: [.set("drawbridgeSessionEnded", endedLater)]),
    ChangeCase(
      name: "endSession, where another one is past its end",
      entry: ["drawbridgeSessionEnded: \(endedEarlier)"],
      make: { .endSession($0, id: [0xA5], ends: Timestamp(seconds: 4_070_908_800), at: today) },
      leaves: ["drawbridgesessionended": endedLater],
      breaks: [.set("drawbridgeSessionEnded", endedLater), .clear("drawbridgeSessionEnded")]),
  ]
}
