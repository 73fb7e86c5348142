/// What stands in a directory before there are accounts.
extension Slapd {
  static let base = """
    dn: \(suffix)
    objectClass: dcObject
    objectClass: organization
    dc: example
    o: Example

    dn: \(people)
    objectClass: organizationalUnit
    ou: people

    dn: ou=services,\(suffix)
    objectClass: organizationalUnit
    ou: services

    dn: ou=groups,\(suffix)
    objectClass: organizationalUnit
    ou: groups

    dn: \(daemon)
    objectClass: organizationalRole
    objectClass: simpleSecurityObject
    cn: drawbridged
    userPassword: daemon-secret

    dn: \(admins)
    objectClass: groupOfNames
    cn: admins
    member: uid=admin,\(people)

    """

  static let shared = """

    dn: cn=drawbridge,\(suffix)
    objectClass: drawbridgeShared
    cn: drawbridge
    drawbridgeSchemaVersion: 1

    """

  static let policy = """

    dn: cn=policy,\(suffix)
    objectClass: device
    objectClass: pwdPolicy
    cn: policy
    pwdAttribute: userPassword
    pwdLockout: TRUE
    pwdMaxFailure: 5

    """
}
