internal import CLDAP
internal import Glibc

/// A session of libldap. The only file that sees its pointers. Not thread-safe: it belongs to whoever opened it, and
/// then to the one connection it is handed to.
struct LDAPHandle: ~Copyable {
  private let session: OpaquePointer

  init(owning session: OpaquePointer) { self.session = session }

  deinit { ldap_unbind_ext_s(session, nil, nil) }

  /// A failure of libldap itself, before or instead of an answer of the server.
  struct Failure: Error {
    let code: Int32
    var text: String { String(cString: ldap_err2string(code)) }
  }

  /// What the server sends, tagged with the message id of its operation.
  enum Message {
    case entry(id: Int32, Entry)
    /// `cookie`: of a page, where another one follows it (RFC 2696, section 3).
    case result(id: Int32, code: Int32, text: String, cookie: [UInt8]?)
    /// Search references and intermediate responses: not followed.
    case other(id: Int32)
  }

  // MARK: Operations; each answers the message id

  func search(_ search: Search) throws(Failure) -> Int32 {
    let arena = Arena()
    var id: Int32 = 0
    var page: UnsafeMutablePointer<LDAPControl>?
    if let cookie = search.cookie {
      var value = arena.berval(cookie)
      let code = ldap_create_page_control(session, ber_int_t(clamping: search.sizeLimit), &value, 1, &page)
      guard code == LDAP_SUCCESS else { throw Failure(code: code) }
    }
    defer { ldap_control_free(page) }
    var controls = [page, nil]
    let code = ldap_search_ext(
      session, search.base, search.scope == .base ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE, search.filter.text,
      arena.strings(search.attributes.map(\.name)), 0, &controls, nil, nil,
      search.cookie == nil ? Int32(clamping: search.sizeLimit) : 0, &id)
    guard code == LDAP_SUCCESS else { throw Failure(code: code) }
    return id
  }

  /// With the assertion control (RFC 4528): applied only if the entry matches the condition, atomically.
  func modify(dn: String, _ modifications: [Modification], if condition: Filter) throws(Failure) -> Int32 {
    let arena = Arena()
    var assertion: UnsafeMutablePointer<LDAPControl>?
    var value = berval()
    var code = condition.text.withCString { filter in
      ldap_create_assertion_control_value(session, UnsafeMutablePointer(mutating: filter), &value)
    }
    guard code == LDAP_SUCCESS else { throw Failure(code: code) }
    code = ldap_control_create(LDAP_CONTROL_ASSERT, 1, &value, 0, &assertion)
    defer { ldap_control_free(assertion) }
    guard code == LDAP_SUCCESS else {
      ldap_memfree(value.bv_val)
      throw Failure(code: code)
    }
    var controls = [assertion, nil]
    var id: Int32 = 0
    code = ldap_modify_ext(session, dn, arena.modifications(modifications), &controls, nil, &id)
    guard code == LDAP_SUCCESS else { throw Failure(code: code) }
    return id
  }

  func add(dn: String, _ attributes: [Modification]) throws(Failure) -> Int32 {
    let arena = Arena()
    var id: Int32 = 0
    let code = ldap_add_ext(session, dn, arena.modifications(attributes), nil, nil, &id)
    guard code == LDAP_SUCCESS else { throw Failure(code: code) }
    return id
  }

  // MARK: Answers

  /// The next message that has arrived, without waiting; nil where there is none.
  func next() throws(Failure) -> Message? {
    var message: OpaquePointer?
    var zero = timeval(tv_sec: 0, tv_usec: 0)
    let type = ldap_result(session, LDAP_RES_ANY, LDAP_MSG_ONE, &zero, &message)
    guard type != 0 else { return nil }
    guard type > 0, let message else { throw Failure(code: cldap_result_code(session)) }
    defer { ldap_msgfree(message) }
    let id = ldap_msgid(message)
    switch UInt32(bitPattern: type) {
    case UInt32(LDAP_RES_SEARCH_ENTRY): return .entry(id: id, entry(message))
    case UInt32(LDAP_RES_SEARCH_REFERENCE), UInt32(LDAP_RES_INTERMEDIATE): return .other(id: id)
    default:
      var code: Int32 = LDAP_OTHER
      var text: UnsafeMutablePointer<CChar>?
      var controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
      let parsed = ldap_parse_result(session, message, &code, nil, &text, nil, &controls, 0)
      defer {
        ldap_memfree(text)
        ldap_controls_free(controls)
      }
      guard parsed == LDAP_SUCCESS else { throw Failure(code: parsed) }
      let said = text.map { String(cString: $0) } ?? ""
      return .result(
        id: id, code: code, text: String(cString: ldap_err2string(code)) + (said.isEmpty ? "" : " (\(said))"),
        cookie: cookie(controls))
    }
  }

  /// Nil where no page was asked for, or where it was the last one.
  private func cookie(_ controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?) -> [UInt8]? {
    guard let page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nil) else { return nil }
    var estimate: ber_int_t = 0
    var cookie = berval()
    guard ldap_parse_pageresponse_control(session, page, &estimate, &cookie) == LDAP_SUCCESS else { return nil }
    defer { ldap_memfree(cookie.bv_val) }
    return cookie.bv_len > 0 ? Array(UnsafeRawBufferPointer(start: cookie.bv_val, count: Int(cookie.bv_len))) : nil
  }

  private func entry(_ message: OpaquePointer) -> Entry {
    let dn = ldap_get_dn(session, message)
    defer { ldap_memfree(dn) }
    var attributes: [String: [[UInt8]]] = [:]
    var position: OpaquePointer?
    var name = ldap_first_attribute(session, message, &position)
    defer { ber_free(position, 0) }
    while let current = name {
      attributes[String(cString: current).lowercased()] = values(message, current)
      ldap_memfree(current)
      name = ldap_next_attribute(session, message, position)
    }
    return Entry(dn: dn.map { String(cString: $0) } ?? "", attributes: attributes)
  }

  /// A value has a length; it may hold any byte.
  private func values(_ message: OpaquePointer, _ attribute: UnsafePointer<CChar>) -> [[UInt8]] {
    guard let list = ldap_get_values_len(session, message, attribute) else { return [] }
    defer { ldap_value_free_len(list) }
    var result: [[UInt8]] = []
    var cursor = list
    while let value = cursor.pointee {
      let bytes = UnsafeRawBufferPointer(start: value.pointee.bv_val, count: Int(value.pointee.bv_len))
      result.append(Array(bytes))
      cursor += 1
    }
    return result
  }
}

/// C strings, values and lists for the time of one call.
private final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = []
  deinit { for block in blocks { block.deallocate() } }

  private func list<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let block = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    block.initialize(from: elements, count: elements.count)
    blocks.append(UnsafeMutableRawPointer(block))
    return block
  }

  private func string(_ text: String) -> UnsafeMutablePointer<CChar> { list(text.utf8CString.map { $0 }) }

  func strings(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    list(texts.map { string($0) } + [nil])
  }

  func berval(_ bytes: [UInt8]) -> berval {
    CLDAP.berval(bv_len: UInt(bytes.count), bv_val: list(bytes.map { CChar(bitPattern: $0) }))
  }

  private func value(_ bytes: [UInt8]) -> UnsafeMutablePointer<berval> { list([berval(bytes)]) }

  func modifications(_ modifications: [Modification]) -> UnsafeMutablePointer<UnsafeMutablePointer<LDAPMod>?> {
    let mods = modifications.map { modification -> UnsafeMutablePointer<LDAPMod>? in
      let operation =
        switch modification.operation {
        case .add: LDAP_MOD_ADD
        case .delete: LDAP_MOD_DELETE
        case .replace: LDAP_MOD_REPLACE
        }
      let values = modification.values.isEmpty ? nil : list(modification.values.map { value($0) } + [nil])
      return list([cldap_mod(operation, string(modification.attribute.name), values)])
    }
    return list(mods + [nil])
  }
}
