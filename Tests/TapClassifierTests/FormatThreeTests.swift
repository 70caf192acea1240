import TapArchitectures
import TapBackbone
import TapClassifier
import TapFormats
import TapImages
import TapLinear
import TapProvenance
import TapSettings
import TestSupport
import Testing

/// The additions of format 3: keys of seen items, several columns, settings, extensions.
@Suite struct FormatThreeTests {
  static let hashes = ["ff", "00", "7f"].map { $0 + String(repeating: "01", count: 31) }

  /// The bytes of the classifier's file with changed metadata and added tensors.
  private func changed(
    _ classifier: Classifier = ClassifierFixtures.classifier(), adding tensors: [Safetensors.Tensor] = [],
    _ change: (inout [String: String]) -> Void = { _ in }
  ) throws -> [UInt8] {
    let bytes = classifier.encoded
    let file = try Safetensors(bytes.span)
    var metadata = file.metadata
    change(&metadata)
    let added = Set(tensors.map(\.name))
    var all = tensors
    for (name, entry) in file.entries where !added.contains(name) {
      if entry.type == .uint8 {
        all.append(Safetensors.Tensor(name: name, shape: entry.shape, bytes: Array(bytes[entry.range])))
      } else {
        let (shape, elements) = try file.floats(name, in: bytes.span)
        all.append(Safetensors.Tensor(name: name, shape: shape, elements: elements))
      }
    }
    return Safetensors.encode(all, metadata: metadata)
  }

  private func problem(_ bytes: [UInt8], _ extensions: [String: Int] = [:]) -> String {
    do {
      _ = try Classifier(bytes, path: "m", extensions: extensions)
      return "accepted"
    } catch {
      return error.description
    }
  }

  // MARK: - Keys

  @Test func keysOfWhatWasSeenAreSortedAndFound() throws {
    let seen = SeenKeys(.images, hashes: Self.hashes + Self.hashes + ["", "no hash"])
    #expect(seen.count == 3)
    #expect(
      seen.bytes.prefix(2) == [0, 1] && seen.bytes[8...9] == [0x7F, 1] && seen.bytes[16...17] == [0xFF, 1])
    for hash in Self.hashes { #expect(seen.contains(hash)) }
    #expect(!seen.contains("01" + String(repeating: "01", count: 31)) && !seen.contains(""))
    #expect(
      SeenKeys(.images, hashes: []).count == 0 && !SeenKeys(.images, hashes: []).contains(Self.hashes[0]))
    // A key is the first eight bytes of a hash. Content whose hash has the same first eight bytes counts as seen.
    #expect(seen.contains(Self.hashes[0].prefix(16) + String(repeating: "0", count: 48)))

    for source in [ClassifierFixtures.source, nil] {
      let keys = SeenKeys(source == nil ? .rows : .images, hashes: Self.hashes)
      let classifier = ClassifierFixtures.classifier(source: source, seen: keys)
      #expect(try Classifier(classifier.encoded, path: "m") == classifier)
      let entry = try #require(
        try Safetensors(classifier.encoded.span).entries[source == nil ? "seenRows" : "seen"])
      #expect(entry.type == .uint8 && entry.shape == [3, 8])
      // A classifier of images must not have keys of rows, and a classifier of rows must not have keys of images.
      let other = Safetensors.Tensor(
        name: source == nil ? "seen" : "seenRows", shape: [3, 8], bytes: keys.bytes)
      #expect(problem(try changed(classifier, adding: [other])).contains("is unknown to format 3"))
    }
  }

  @Test func keysOutOfOrderAreRefused() throws {
    let keys = SeenKeys(.images, hashes: Self.hashes)
    let classifier = ClassifierFixtures.classifier(seen: keys)
    for (bytes, shape) in [
      (Array(keys.bytes.reversed()), [3, 8]), (keys.bytes + keys.bytes.suffix(8), [4, 8]), (keys.bytes, [24]),
      (keys.bytes, [6, 4]),
    ] {
      let tensor = Safetensors.Tensor(name: "seen", shape: shape, bytes: bytes)
      #expect(problem(try changed(classifier, adding: [tensor])).contains("tensor 'seen'"), "\(shape)")
    }
    let floats = Safetensors.Tensor(name: "seen", shape: [1, 8], elements: [Float](repeating: 1, count: 8))
    #expect(problem(try changed(classifier, adding: [floats])).contains("of U8"))
  }

  @Test func theIndexBaseIsKept() throws {
    for base in [0, 1] {
      let classifier = ClassifierFixtures.classifier(source: nil, indexBase: base)
      #expect(try Classifier(classifier.encoded, path: "m").indexBase == base)
    }
    for text in ["2", "-1", "one"] {
      #expect(problem(try changed { $0["indexBase"] = text }).contains("expected '0' or '1'"))
    }
  }

  // MARK: - Several columns

  /// The features of two columns stand one after the other, from a given backbone and from an embedded one alike.
  @Test func twoColumnsArePredictedFromImages() throws {
    var backbone = try Architectures.seeded("efficientnet_lite0", seed: 3)
    backbone.preprocessing.size = 32
    let columns = [Column(tap: "blocks.2", pooling: .avg), Column(tap: "stem", pooling: .max)]
    let counts = try columns.map { column in try backbone.dimensions(of: column) }
    let dimensions = counts[0] + counts[1]
    let weights = (0..<2 * dimensions).map { Float($0 % 5) - 2 }
    func classifier(_ columns: [Column], _ weights: [Float]) throws -> Classifier {
      try Classifier(
        classNames: ["a", "b"], weights: weights, bias: [0, 0],
        scaler: .identity(columns: weights.count / 2),
        source: .init(identity: BackboneIdentity(backbone), columns: columns, goldenScores: nil),
        training: TrainingSummary.ofTwoClasses
      ).withGoldenScores(of: backbone)
    }
    let both = try classifier(columns, weights)
    let image = RGBImage(width: 40, height: 30, pixels: (0..<3600).map { UInt8(($0 &* 37) % 256) })
    let scores = try ImageClassifier(both, backbone: backbone).scores(image)
    // A score is the sum of the two columns' own contributions.
    var sum = [0.0, 0.0]
    for (index, column) in columns.enumerated() {
      let start = index == 0 ? 0 : counts[0]
      let part = (0..<2).flatMap {
        weights[$0 * dimensions + start..<$0 * dimensions + start + counts[index]]
      }
      let alone = try ImageClassifier(classifier([column], Array(part)), backbone: backbone).scores(image)
      for c in 0..<2 { sum[c] += alone[c] }
    }
    for (one, other) in zip(scores, sum) { #expect(abs(one - other) <= 1e-9 * max(1, abs(other))) }

    try withTemporaryFolder { folder in
      try both.write(to: folder + "/m.layertap", embedding: backbone)
      let (read, embedded) = try Classifier.load(folder + "/m.layertap")
      let cut = try #require(embedded)
      #expect(read == both && cut.layers.map(\.name) == ["blocks.2", "stem"])
      #expect(try ImageClassifier(read, backbone: cut).scores(image) == scores)
    }
    // The classifier refuses features of only one of its columns, and features of both columns in the other order.
    for other in [[columns[0]], columns.reversed()] {
      #expect(throws: ClassifierError.self) {
        try both.requireFeatures(of: BackboneIdentity(backbone), columns: other)
      }
    }
  }

  // MARK: - Extensions

  private static let novelty = Safetensors.Tensor(name: "novelty.points", shape: [2], bytes: [1, 2])

  @Test func extensionsThatMayBeIgnoredAre() throws {
    let bytes = try changed(adding: [Self.novelty]) {
      $0["extensions"] = #"{"novelty":{"required":false,"revision":7,"since":"0.9.0"}}"#
      $0["novelty"] = "{}"
    }
    #expect(try Classifier(bytes, path: "m") == ClassifierFixtures.classifier())
    // Without the metadata of the extension, the tensors of the extension are unknown.
    #expect(
      problem(try changed(adding: [Self.novelty])).contains(
        "the tensor 'novelty.points' is unknown to format 3"))
    let other = Safetensors.Tensor(name: "noveltypoints", shape: [1], bytes: [1])
    let claimed = try changed(adding: [other]) {
      $0["extensions"] = #"{"novelty":{"required":false,"revision":7,"since":"0.9.0"}}"#
    }
    #expect(problem(claimed).contains("the tensor 'noveltypoints' is unknown"))
  }

  @Test func extensionsThatAreNeededAreNamed() throws {
    let bytes = try changed {
      $0["extensions"] =
        #"{"quantization":{"required":true,"revision":2,"since":"0.7.1"},"examples":{"required":false,"revision":1,"since":"0.3.0"}}"#
    }
    #expect(
      problem(bytes)
        == "m needs the extension 'quantization' in revision 2, which this program does not read: use a newer LayerTap, "
        + "0.7.1 or later")
    #expect(problem(bytes, ["quantization": 1]).contains("in revision 2"))
    #expect(problem(bytes, ["quantization": 2]) == "accepted")
  }

  @Test(arguments: [
    "[]", "{", #"{"x":{}}"#, #"{"x":{"required":true,"revision":0,"since":"1"}}"#,
    #"{"x":{"required":1,"revision":1,"since":"1"}}"#, #"{"x":{"required":true,"revision":1}}"#,
    #"{"weights":{"required":false,"revision":1,"since":"1"}}"#,
    #"{"scaler":{"required":false,"revision":1,"since":"1"}}"#,
    #"{"seenRows":{"required":false,"revision":1,"since":"1"}}"#,
    #"{"training":{"required":false,"revision":1,"since":"1"}}"#,
    #"{"a.b":{"required":false,"revision":1,"since":"1"}}"#,
    #"{"":{"required":false,"revision":1,"since":"1"}}"#,
    #"{"1x":{"required":false,"revision":1,"since":"1"}}"#,
  ])
  func extensionsAreChecked(text: String) throws {
    #expect(problem(try changed { $0["extensions"] = text }).contains("metadata 'extensions': "))
  }

  // MARK: - Settings

  /// Settings of a later version prevent a warm start, but no prediction.
  @Test func settingsOfALaterVersionAreReadWhenTheyAreNeeded() throws {
    let bytes = try changed {
      $0["settings"] = $0["settings"]?.replacing("\"folds\":5", with: "\"folds\":5,\"momentum\":0.9")
    }
    let read = try Classifier(bytes, path: "m")
    let row: [Float] = [1, 2, 3, 4, 5, 6]
    #expect(read.scores(row.span) == ClassifierFixtures.classifier().scores(row.span))
    let error = #expect(throws: SettingsError.self) { try read.training.settings.training() }
    #expect(error?.field == "momentum")
    // Writing the classifier again keeps the unknown setting.
    #expect(try Safetensors(read.encoded.span).metadata["settings"]?.contains("momentum") == true)
  }

  @Test func whatScoresMeanMustBeKnown() throws {
    let bytes = try changed {
      $0["settings"] = $0["settings"]?.replacing(
        "\"classifier\":\"logistic\"", with: "\"classifier\":\"forest\"")
    }
    #expect(problem(bytes).contains("metadata 'settings': "))
  }
}

extension TrainingSummary {
  /// The fixture with two classes.
  fileprivate static var ofTwoClasses: TrainingSummary {
    var summary = ClassifierFixtures.summary
    summary.classCounts = [20, 22]
    return summary
  }
}
