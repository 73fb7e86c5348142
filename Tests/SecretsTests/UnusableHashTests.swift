import Secrets
import Testing

struct UnusableHashTests {
  private func verdict(_ stored: String, _ password: String = "x") -> PasswordHash.Verdict {
    let hash = PasswordHash(stored: Array(stored.utf8))
    let verdict = hash.verify(Secret(password.utf8))
    // What shows without computing anything is what computing shows; only a value that was cut shows no earlier.
    if let objection = hash.objection {
      #expect(verdict == .unusable(objection))
    } else if case .unusable(let why) = verdict {
      #expect(why == .malformed && hash.schemeName == "CRYPT", "\(stored)")
    }
    return verdict
  }

  @Test(arguments: [
    ("", ""), ("secret", ""), ("{CLEARTEXT}secret", "CLEARTEXT"), ("{", ""), ("{}", ""), ("}", ""), ("{}x", ""),
    ("{my pass}word", ""), ("{pässword}", ""), ("{SSHA", ""), ("{MD5}x", "MD5"), ("{SASL}alice", "SASL"),
    ("{CRYPT}$7$CU..../....x$y", "CRYPT $7$"), ("{CRYPT}$md5,rounds=4294963199$x$$y", "CRYPT $md5,roun$"),
    ("{CRYPT}$sha1$4294967295$x$y", "CRYPT $sha1$"), ("{CRYPT}$3$$x", "CRYPT $3$"),
  ])
  func whatIsNotKnownIsNamed(stored: String, name: String) {
    #expect(verdict(stored, "secret") == .unusable(.unknownScheme(name)))
  }

  private static let tail = "$c29tZXNhbHRzb21lc2FsdA$4BnlcpLz5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5Y"

  @Test(arguments: [
    "m=4294967295,t=1,p=1", "m=262145,t=1,p=1", "m=1024,t=11,p=1", "m=1024,t=4294967295,p=1", "m=1024,t=1,p=17",
    "m=99999999999999999999999999999999,t=1,p=1", "m=1024,t=1,p=4294967296", "m=1024,t=18446744073709551617,p=1",
  ])
  func argon2BeyondTheLimitsIsRefusedAtOnce(costs: String) {
    let took = ContinuousClock().measure {
      #expect(verdict("{ARGON2}$argon2id$v=19$\(costs)\(Self.tail)") == .unusable(.beyondLimits))
    }
    #expect(took < .milliseconds(50))
  }

  @Test(arguments: [
    "{PBKDF2}1000001$AAECAwQFBgcICQoLDA0ODw$ndhWw3a4srcTtr4HQFTLiKRlVuA",
    "{PBKDF2}99999999999999999999$AAECAwQFBgcICQoLDA0ODw$ndhWw3a4srcTtr4HQFTLiKRlVuA",
    "{CRYPT}$6$rounds=999999999$abcdefgh$x", "{CRYPT}$5$rounds=1000001$abcdefgh$x",
    "{CRYPT}$6$rounds=99999999999999999999$abcdefgh$x",
    "{CRYPT}$2y$31$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
    "{CRYPT}$2b$15$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
    "{CRYPT}$y$jFT$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/",
    "{CRYPT}$y$jzzzzzzz$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/",
    "{CRYPT}$gy$jdT$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/",
    "{SSHA}\(String(repeating: "A", count: 1_000_000))",
  ])
  func otherCostsBeyondTheLimitsAreRefusedAtOnce(stored: String) {
    let took = ContinuousClock().measure { #expect(verdict(stored) == .unusable(.beyondLimits)) }
    #expect(took < .milliseconds(50))
  }

  @Test(arguments: [
    "{ARGON2}", "{ARGON2}$", "{ARGON2}$argon2id", "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1",
    "{ARGON2}$argon2x$v=19$m=1024,t=1,p=1\(tail)", "{ARGON2}$argon2id$v=18$m=1024,t=1,p=1\(tail)",
    "{ARGON2}$argon2id$v=19$m=0,t=1,p=1\(tail)", "{ARGON2}$argon2id$v=19$m=1024,t=0,p=1\(tail)",
    "{ARGON2}$argon2id$v=19$m=1024,t=1,p=0\(tail)", "{ARGON2}$argon2id$v=19$m=7,t=1,p=1\(tail)",
    "{ARGON2}$argon2id$v=19$m=64,t=1,p=16\(tail)", "{ARGON2}$argon2id$v=19$m=-1,t=1,p=1\(tail)",
    "{ARGON2}$argon2id$v=19$m=+1024,t=1,p=1\(tail)", "{ARGON2}$argon2id$v=19$t=1,m=1024,p=1\(tail)",
    "{ARGON2}$argon2id$v=19$m=1024,t=1\(tail)", "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1,x=1\(tail)",
    "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1$$", "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$",
    "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA",
    "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1$AA$4BnlcpLz5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5Y",
    "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$4Bnlcp!z5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5Y",
    "{ARGON2}$argon2id$v=19$m=1024,t=1,p=1\(tail)$", "{SSHA}", "{SSHA}AAAA", "{SSHA}????", "{SHA}=", "{SHA512}AAAA",
    "{SSHA}4BnlcpLz5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5", "{PBKDF2}", "{PBKDF2}$$", "{PBKDF2}0$AAAA$AAAA",
    "{PBKDF2}-1$AAAA$AAAA", "{PBKDF2}1000$AAECAwQFBgcICQoLDA0ODw$", "{PBKDF2}1000$$ndhWw3a4srcTtr4HQFTLiKRlVuA",
    "{PBKDF2}1000$AAECAwQFBgcICQoLDA0ODw$ndhW", "{CRYPT}", "{CRYPT}*", "{CRYPT}*0", "{CRYPT}!", "{CRYPT}x", "{CRYPT}ab",
    "{CRYPT}$6$", "{CRYPT}$6$abcdefgh", "{CRYPT}$6$abcdefgh$x", "{CRYPT}$6$rounds=x$abcdefgh$x",
    "{CRYPT}$2y$xx$abc", "{CRYPT}$2y$05$abc", "{CRYPT}$y$", "{CRYPT}$y$j7", "{CRYPT}$y$j7!$abcdefgh$x",
    "{CRYPT}_zzzzabcdefghijklmno", "{CRYPT}ab hfCpXqd4GrI", "{CRYPT}abhfCpXqd4Gr:", "{CRYPT}\u{E9}bhfCpXqd4GrI",
  ])
  func whatIsMalformedIsRefusedAtOnce(stored: String) {
    let took = ContinuousClock().measure { #expect(verdict(stored) == .unusable(.malformed)) }
    #expect(took < .milliseconds(200))
  }

  @Test(arguments: PasswordHashTests.foreign)
  func noCutOrMutatedValueMatchesOrCrashes(stored: String) {
    let bytes = Array(stored.utf8)
    let scheme = stored.prefix { $0 != "}" }.utf8.count + 1
    for length in 0..<bytes.count {
      #expect(PasswordHash(stored: Array(bytes.prefix(length))).verify(Secret("correct horse".utf8)) != .match)
    }
    for index in stride(from: scheme, to: bytes.count, by: 3) {
      for byte in [0x00, 0x24, 0x2A, 0x3D, 0xFF] as [UInt8] where bytes[index] != byte {
        var mutated = bytes
        mutated[index] = byte
        #expect(PasswordHash(stored: mutated).verify(Secret("correct horse".utf8)) != .match)
      }
    }
  }
}
