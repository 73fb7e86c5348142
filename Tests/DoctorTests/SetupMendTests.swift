import Testing
import Wire

@testable import drawbridge

@Suite("A mend that setup does") struct SetupMendTests {
  private static let load = "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/"

  private func mend(_ mend: String, of check: String = "directory.entries") -> String? {
    SetupMend.applied(to: Finding(check, .bad, "", why: "", mend: mend)).mend
  }

  @Test("is named instead of the files that it loads")
  func named() {
    #expect(mend("\(Self.load)identity.ldif") == "drawbridge setup")
    #expect(
      mend("\(Self.load)access.ldif\nldapadd -x -W -H ldapi:/// -D <rootdn> -f schema/filled/shared.ldif")
        == "drawbridge setup")
    #expect(mend("ldapadd -Q -Y EXTERNAL -H ldapi:/// -f schema/drawbridge.ldif") == "drawbridge setup")
    #expect(
      mend("\(Self.load)access.ldif  (its rules come first)", of: "access.self")
        == "drawbridge setup  (where it finds nothing missing, a rule of yours before its own decides: access.order)")
    #expect(
      mend("\(Self.load)access.ldif, with directory.people as @PEOPLE@", of: "access.invitations")
        == "drawbridge setup --people <directory.people>")
  }

  @Test("is no other one: what setup does not load, or what takes more than loading")
  func others() {
    for other in [
      "\(Self.load)access-refuse-simple-bind.ldif",
      "In the rule that names mail: add it, and load it:\n\(Self.load)access.ldif",
      "dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\nolcAuthzRegexp: x y",
      "chmod 600 schema/filled/access.ldif",
    ] { #expect(mend(other) == other) }
  }
}
