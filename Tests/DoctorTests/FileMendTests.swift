import Testing
import Wire

@testable import drawbridge

@Suite("A mend for slapd.conf") struct FileMendTests {
  private func rewritten(_ mend: String) -> String { FileMend(file: "/etc/ldap/slapd.conf").rewritten(mend) }

  @Test("has the settings of cn=config as lines, and says where they stand")
  func settings() {
    #expect(
      rewritten(
        "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcDbIndex\nolcDbIndex: mail eq\n-\nadd: olcDbIndex\n"
          + "olcDbIndex: uid eq")
        == "In /etc/ldap/slapd.conf, in the part of the `database mdb` of olcDatabase={1}mdb,cn=config:\n"
        + "index mail eq\nindex uid eq\n"
        + "then systemctl stop slapd, slapindex as the user that slapd runs as, and systemctl start slapd")
    #expect(
      rewritten(
        "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcLimits\nolcLimits: {0}dn.exact=\"cn=x\" size=1"
      )
      .contains("cn=config, before others of the kind:\nlimits dn.exact=\"cn=x\" size=1\nthen systemctl restart slapd"))
    #expect(
      rewritten("dn: cn=config\nchangetype: modify\nreplace: olcThreads\nolcThreads: 16")
        == "In /etc/ldap/slapd.conf, above the first `database`:\nthreads 16\nthen systemctl restart slapd")
    #expect(
      rewritten(
        "dn: olcOverlay={0}ppolicy,olcDatabase={1}mdb,cn=config\nreplace: olcPPolicyDefault\nolcPPolicyDefault: cn=p"
      )
      .contains("below `overlay ppolicy`:\nppolicy_default cn=p\n"))
    #expect(
      rewritten("dn: olcDatabase={-1}frontend,cn=config\nreplace: olcPasswordHash\nolcPasswordHash: {ARGON2}")
        .contains("above the first `database`:\npassword-hash {ARGON2}\n"))
  }

  @Test("takes an overlay out, includes files of schema/, and leaves all else as it is")
  func others() {
    #expect(
      rewritten("dn: olcOverlay={3}otp,olcDatabase={1}mdb,cn=config\nchangetype: delete")
        == "Take `overlay otp` out of /etc/ldap/slapd.conf; systemctl restart slapd")
    let load = "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access.ldif  (its rules come first)"
    #expect(
      rewritten("\(load)\nldapadd -x -W -H ldapi:/// -D <rootdn> -f schema/filled/shared.ldif")
        == "In /etc/ldap/slapd.conf, where docs/directory.md shows it: include …/schema/filled/access.conf  (its rules come "
        + "first); systemctl restart slapd\nldapadd -x -W -H ldapi:/// -D <rootdn> -f schema/filled/shared.ldif")
    #expect(
      rewritten("ldapadd -Q -Y EXTERNAL -H ldapi:/// -f schema/drawbridge.ldif")
        .contains("include …/schema/drawbridge.schema;"))
    let entry = "dn: cn=policy,dc=example,dc=org\nchangetype: modify\nreplace: pwdMinAge\npwdMinAge: 0"
    #expect(rewritten(entry) == entry)
    #expect(rewritten("timedatectl set-ntp true") == "timedatectl set-ntp true")
  }
}
