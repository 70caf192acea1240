// The hash of an identity never changes, and reading a file gives the written identity.

import TapFormats
import TapProvenance
import Testing

let identity = BackboneIdentity(
  backbone: "efficientnet_lite0", weightsHash: String(repeating: "a1", count: 32),
  graphHash: String(repeating: "0f", count: 32),
  preprocessing: Preprocessing(
    interpolation: .bicubic, scale: 1, mean: [127, 127, 127], standardDeviation: [128, 128, 128],
    decoding: Decoding(alpha: .drop)),
  decoder: "libjpeg-turbo 2.1.5", numericsRevision: 1)

@Suite struct BackboneIdentityTests {
  @Test func hashIsThatOfTheDocumentedText() {
    // This text was written by hand from Documentation/StoreFormat.md, and hashed with Python's hashlib.
    let text =
      #"{"decoder":"libjpeg-turbo 2.1.5","graphHash":"\#(identity.graphHash)","numericsRevision":1,"#
      + #""precision":"float32","preprocessing":{"channels":"rgb","cropFraction":0.875,"decode":"exact","#
      + #""interpolation":"bicubic","mean":[127.0,127.0,127.0],"resize":"short","scale":1.0,"size":224,"#
      + #""standardDeviation":[128.0,128.0,128.0]},"weightsHash":"\#(identity.weightsHash)"}"#
    #expect(identity.hash == SHA256.hash(Array(text.utf8)).hex)
    #expect(identity.hash == "974ea1ff360533d86e86a8fa312be36bfc1c68d8a8025d47cd41f626ecaf36f1")
    #expect(identity.storeName == "efficientnet_lite0-" + identity.hash.prefix(12))
  }

  @Test func theNameIsALabel() {
    var renamed = identity
    renamed.backbone = "../weights/net.onnx"
    #expect(renamed.hash == identity.hash)
    #expect(renamed.storeName == "_._weights_net.onnx-" + identity.hash.prefix(12))
    #expect(renamed.differences(from: identity) == [])
  }

  @Test func everyOtherFieldCounts() {
    var hashes: Set = [identity.hash]
    func change(_ body: (inout BackboneIdentity) -> Void) {
      var changed = identity
      body(&changed)
      #expect(changed.differences(from: identity).count == 1)
      hashes.insert(changed.hash)
    }
    change { $0.weightsHash = "b" }
    change { $0.graphHash = "b" }
    change { $0.decoder = "libjpeg-turbo 3.0.0" }
    change { $0.precision = "float16" }
    change { $0.numericsRevision = 2 }
    change { $0.preprocessing.size = 192 }
    change { $0.preprocessing.resize = .squash }
    change { $0.preprocessing.cropFraction = 1 }
    change { $0.preprocessing.interpolation = .bilinear }
    change { $0.preprocessing.scale = 255 }
    change { $0.preprocessing.mean[0] = 0 }
    change { $0.preprocessing.standardDeviation[2] = 1 }
    change { $0.preprocessing.channels = .bgr }
    change { $0.preprocessing.decoding.mode = .fast }
    change { $0.preprocessing.decoding.orientation = .ignore }
    change { $0.preprocessing.decoding.alpha = .white }
    change { $0.preprocessing.decoding.allowsTruncated = true }
    change { $0.algorithms = AlgorithmChoices(["3x3 64-64 at 56x56": .direct]) }
    change { $0.algorithms = AlgorithmChoices(["3x3 64-64 at 56x56": .winograd]) }
    change { $0.algorithms = AlgorithmChoices(["3x3 64-64 at 28x28": .direct]) }
    #expect(hashes.count == 21)
  }

  /// Without choices, the text is that of ``hashIsThatOfTheDocumentedText()``. With choices, it has one more field.
  @Test func tunedAlgorithmsArePartOfTheHash() throws {
    var tuned = identity
    tuned.algorithms = AlgorithmChoices(["3x3 64-64 at 56x56": .direct, "3x3 3-64 at 224x224": .winograd])
    let value = #"{"3x3 3-64 at 224x224":"winograd","3x3 64-64 at 56x56":"direct"}"#
    let text = tuned.json.canonical
    #expect(text == #"{"algorithms":\#(value),"# + identity.json.canonical.dropFirst())
    #expect(tuned.differences(from: identity) == ["algorithms: \(value) / none"])
    #expect(identity.differences(from: tuned) == ["algorithms: none / \(value)"])
    let read = try BackboneIdentity(json: JSONValue.parse(text))
    #expect(read == tuned && read.hash == tuned.hash && tuned.hash != identity.hash)
    tuned.algorithms = AlgorithmChoices()
    #expect(tuned.hash == identity.hash)
  }

  @Test func refusesUnknownAlgorithms() {
    for (text, message) in [
      (
        #"{"3x3 64-64 at 56x56":"fft"}"#,
        "3x3 64-64 at 56x56 is fft; expected one of direct, depthwise, winograd"
      ),
      ("[]", "expected an object"), (#"{"a":1}"#, "should be a string"),
    ] {
      let error = #expect(throws: ProvenanceError.self) {
        try AlgorithmChoices(json: JSONValue.parse(text))
      }
      #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
  }

  @Test func readsBackWhatIsWritten() throws {
    for text in [identity.json.canonical, identity.json.pretty] {
      let read = try BackboneIdentity(json: JSONValue.parse(text))
      #expect(read == identity)
      #expect(read.hash == identity.hash)
    }
  }

  @Test(arguments: [
    ("size", JSONValue.integer(0), "size is 0; expected at least 1"),
    ("cropFraction", .number(1.5), "cropFraction is 1.5; expected more than 0, at most 1"),
    (
      "resize", .string("stretch"),
      "resize is stretch; expected one of short, squash, pad, squash-crop, border"
    ),
    ("mean", .array([.number(1)]), "mean is [1.0]; expected three numbers"),
    ("scale", .number(0), "scale is 0; expected a number other than 0"),
    (
      "standardDeviation", .array([.number(1), .integer(0), .number(1)]),
      "standardDeviation is 0; expected numbers other than 0"
    ),
  ])
  func refusesPreprocessingOutsideItsRange(field: String, value: JSONValue, message: String) {
    var fields = identity.preprocessing.json.objectValue ?? [:]
    fields[field] = value
    let error = #expect(throws: ProvenanceError.self) { try Preprocessing(json: .object(fields)) }
    #expect(error?.description == message)
  }

  @Test func refusesMissingFields() {
    #expect(throws: ProvenanceError.self) { try BackboneIdentity(json: .object([:])) }
    #expect(throws: ProvenanceError.self) { try BackboneIdentity(json: .null) }
  }
}

@Suite struct ColumnTests {
  @Test(arguments: Pooling.selectable + [.none, .gem(p: 4.5, epsilon: 1e-3)])
  func readsBackWhatIsWritten(pooling: Pooling) throws {
    let column = Column(tap: "blocks.4", pooling: pooling)
    #expect(try Column(json: JSONValue.parse(column.json.canonical)) == column)
  }

  @Test func saysWhichPoolingsThereAre() {
    let error = #expect(throws: ProvenanceError.self) {
      try Column(json: .object(["tap": .string("a"), "pooling": .string("median")]))
    }
    #expect(error?.description == "pooling is median; expected one of avg, max, avgmax, gem, flatten, none")
    #expect(throws: ProvenanceError.self) {
      try Column(json: .object(["tap": .string("a"), "pooling": .string("gem")]))
    }
  }
}
