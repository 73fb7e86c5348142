import ArgumentParser
import Glibc
import Wire

extension User {
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take over people who are known elsewhere, with the hashes of their passwords.",
      discussion: """
        Who has an entry keeps it, and its password. Who has none gets one. No mail is sent: who has a password signs in \
        with it, proves the mailbox, and enrols an authenticator app. The same import again changes nothing.

        A CSV file has a header row of login, uid, cn, sn, givenName, mail and hash, in any order; of LDIF, mail, uid, \
        cn, sn, givenName and userPassword count. Hashes are {SSHA}, {CRYPT} and the like; clear text is refused.

        Exit status: 0 all is done, 1 some was refused, 65 some could not be read, 66 there is no input.

        Example:
          drawbridge user import --csv people.csv --dry-run
          ldapsearch -x -LLL -b dc=old,dc=example '(mail=*)' | drawbridge user import --ldif -
          drawbridge user import --filter '(&(objectClass=inetOrgPerson)(departmentNumber=7))'
        """)

    @Option(
      help: ArgumentHelp("A file of comma-separated values; - is the standard input.", valueName: "file"),
      completion: .file())
    var csv: String?
    @Option(help: ArgumentHelp("A file of LDIF; - is the standard input.", valueName: "file"), completion: .file())
    var ldif: String?
    @Option(help: ArgumentHelp("Entries of the directory itself, by a filter of RFC 4515.", valueName: "filter"))
    var filter: String?
    @Flag(help: "Change nothing; tell what would be.")
    var dryRun = false
    @OptionGroup var options: AdminOptions

    func validate() throws {
      guard [csv, ldif, filter].compactMap({ $0 }).count == 1 else {
        throw ValidationError("One of --csv, --ldif and --filter is needed.")
      }
    }

    func run() throws {
      let terminal = Terminal()
      let tally = ImportTally(terminal: terminal, isJSON: options.json, isDry: dryRun)
      if let filter {
        try adopt(filter, tally, terminal)
      } else {
        let source: any ImportSource = try terminal.reading { () throws(InputError) in
          if let csv { CSVSource(try LineReader(csv)) } else { LDIFSource(try LineReader(ldif ?? "-")) }
        }
        try send(source, tally, terminal)
      }
      tally.tell()
      throw tally.exitCode
    }

    private func adopt(_ filter: String, _ tally: ImportTally, _ terminal: Terminal) throws {
      let request = Request.admin(.init(.adopt(filter: Array(filter.utf8), dryRun: dryRun)))
      let reply = try terminal.attempt { () throws(Failure) in
        try Conversation(socket: options.socket, terminal: terminal).run(request, items: tally.take)
      }
      guard reply.kind != .ok else { return }
      tally.stop()
      if options.json { terminal.say(JSON(reply).description) } else { terminal.refuse(reply) }
      throw reply.word == "bad-filter" ? ExitCode(EX_USAGE) : reply.exitCode
    }

    private func send(_ source: any ImportSource, _ tally: ImportTally, _ terminal: Terminal) throws {
      let pipeline = try terminal.attempt { () throws(Failure) in
        Pipeline<ImportRow>(
          try Conversation(socket: options.socket, terminal: terminal).connection, handle: tally.take)
      }
      do {
        while try step(source, pipeline, tally) {}
        try pipeline.finish()
      } catch let error as Failure {
        tally.tell()
        throw terminal.exitCode(telling: error)
      } catch let error as InputError {
        // What was read before is sent and answered.
        tally.fault(line: 0, error.text)
        try terminal.attempt { () throws(Failure) in try pipeline.finish() }
      }
    }

    /// Takes one thing from the input; false at its end.
    private func step(_ source: any ImportSource, _ pipeline: Pipeline<ImportRow>, _ tally: ImportTally) throws -> Bool
    {
      switch try source.next() {
      case .row(let row):
        do throws(Failure) {
          try pipeline.send(
            .admin(.init(.importAccount(login: row.login, attributes: row.attributes, dryRun: dryRun))), about: row)
        } catch .unsendable(let error) {
          tally.fault(line: row.line, error.text)
        }
      case .nobody: tally.passOver()
      case .fault(let line, let why): tally.fault(line: line, why)
      case .end(let fault, let line):
        if let fault { tally.fault(line: line, fault) }
        return false
      }
      // Whoever speaks to the wrong socket is told so once.
      return !tally.isStranger
    }
  }
}

extension InputError {
  var text: String {
    switch self {
    case .unreadable(let path, let errno): "\(path): \(String(cString: strerror(errno)))"
    case .lineTooLong(let line): "line \(line) is longer than \(LineReader.lineMaxBytes >> 20) MiB"
    }
  }

  var exitCode: ExitCode {
    switch self {
    case .unreadable: ExitCode(EX_NOINPUT)
    case .lineTooLong: ExitCode(EX_DATAERR)
    }
  }
}
