import Secrets
import Testing

struct SecretTests {
  private let marker = Secret("the-marker".utf8)

  @Test func neverPrints() {
    struct Holder { let secret: Secret }
    var dumped = ""
    dump(Holder(secret: marker), to: &dumped)
    let texts = [
      "\(marker)", String(reflecting: marker), String(describing: Holder(secret: marker)), "\([marker])", dumped,
      "\(Optional(marker) as Any)",
    ]
    for text in texts {
      #expect(text.contains("********"))
      #expect(!text.contains("marker\""))
      #expect(!text.contains("116"))  // "t"
    }
  }

  @Test func equalsByItsBytes() {
    #expect(marker == Secret(Array("the-marker".utf8)))
    #expect(marker != Secret("the-markeR".utf8))
    #expect(marker != Secret("the-marke".utf8))
    #expect(Secret([]) == Secret([]))
    #expect(Secret([]).isEmpty && Secret([0]).count == 1)
  }

  @Test func lendsItsBytesAndPassesErrorsOn() {
    struct Refused: Error {}
    #expect(marker.withBytes { Array($0) } == Array("the-marker".utf8))
    #expect(throws: Refused.self) { try marker.withBytes { _ throws(Refused) in throw Refused() } }
  }
}
