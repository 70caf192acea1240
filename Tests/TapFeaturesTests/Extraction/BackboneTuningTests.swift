// Tuned choices come from a store, from the cache, or from a measurement. The tests measure with a clock of their own.

import TapArchitectures
import TapBackbone
import TapExtraction
import TapFeatures
import TapFileSystem
import TapFormats
import TapProvenance
import TestSupport
import Testing
import TrainingSupport

@Suite struct BackboneTuningTests {
  @Test func measuresOnceAndRemembers() throws {
    try withTemporaryFolder { folder in
      let (cache, clock) = (folder + "/a/b", TuningFixtures.Clock())
      let first = try clock.tuning(cache).tuned(TuningFixtures.network(), stores: nil)
      #expect(first.backbone.algorithms == TuningFixtures.choices && first.warnings.isEmpty)
      #expect(first.origin == .measured(convolutions: 4, unreached: 0))
      let runs = clock.count
      #expect(runs > 0)
      // A network with other weights has the same convolutions, so it uses the cache.
      let second = try clock.tuning(cache).tuned(TuningFixtures.network(seed: 2), stores: nil)
      #expect(second.backbone.algorithms == TuningFixtures.choices && clock.count == runs)
      let path = cache + "/" + (try #require(FileSystem.list(cache).first))
      #expect(second.origin == .cache(path: path))
      #expect(second.text == "tuned: direct for \(TuningFixtures.wide) (measured before, \(path))")
      // Another image size or another instruction set needs a new measurement.
      var large = try TuningFixtures.network()
      large.preprocessing.size = 40
      _ = try clock.tuning(cache).tuned(large, stores: nil)
      #expect(clock.count == 2 * runs)
      _ = try clock.tuning(cache).tuned(TuningFixtures.network(), stores: nil, instructionSet: .portable)
      #expect(clock.count == 3 * runs)
      #expect(try FileSystem.list(cache).count == 3)
    }
  }

  @Test func nothingFasterIsNoChoice() throws {
    let tuned = try TuningFixtures.Clock(.depthwise).tuning(nil).tuned(TuningFixtures.network(), stores: nil)
    #expect(tuned.backbone.algorithms.isEmpty)
    #expect(
      tuned.text == "tuned: every convolution by its usual algorithm (measured for 4 kinds of convolution)")
    #expect(try BackboneIdentity(tuned.backbone) == BackboneIdentity(TuningFixtures.network()))
    let lite = try Architectures.seeded("efficientnet_lite0", seed: 1)
    #expect(try TuningFixtures.Clock().tuning(nil).tuned(lite, stores: nil).origin == .nothingToChoose)
  }

  /// If the cache kept an unfinished measurement, the convolutions that it lacks would never be measured.
  @Test func anUnfinishedMeasurementIsNotKept() throws {
    try withTemporaryFolder { folder in
      let (cache, clock) = (folder + "/a", TuningFixtures.Clock())
      var tuning = clock.tuning(cache)
      // A run takes one or two microseconds, so the budget does not suffice for four kinds of convolution.
      tuning.tuner.budget = .microseconds(8)
      let short = try tuning.tuned(TuningFixtures.network(), stores: nil)
      guard case .measured(let measured, let unreached) = short.origin else {
        Issue.record("\(short.origin)")
        return
      }
      #expect(measured >= 1 && unreached >= 1 && measured + unreached == 4)
      #expect(short.warnings.isEmpty && !FileSystem.exists(cache))
      let runs = clock.count
      let long = try clock.tuning(cache).tuned(TuningFixtures.network(), stores: nil)
      #expect(long.origin == .measured(convolutions: 4, unreached: 0) && clock.count > runs)
      #expect(try FileSystem.list(cache).count == 1)
    }
  }

  @Test func aBrokenCacheIsMeasuredAgain() throws {
    try withTemporaryFolder { folder in
      let clock = TuningFixtures.Clock()
      _ = try clock.tuning(folder).tuned(TuningFixtures.network(), stores: nil)
      let path = folder + "/" + (try #require(FileSystem.list(folder).first))
      let sound = String(decoding: try FileSystem.read(path), as: UTF8.self)
      for broken in [
        "", "{", "[]", #"{"format": 1}"#, sound.replacing(#""format": 1"#, with: #""format": 2"#),
        sound.replacing(#""direct""#, with: #""fft""#),
        sound.replacing("\"\(TuningFixtures.wide)\": \"direct\"", with: #""3x3 9-9 at 9x9": "direct""#),
        sound.replacing(#""numericsRevision": "#, with: #""numericsRevision": 9"#),
      ] {
        #expect(broken != sound)
        try AtomicWriter.replace(path, with: broken)
        let runs = clock.count
        let again = try clock.tuning(folder).tuned(TuningFixtures.network(), stores: nil)
        #expect(again.backbone.algorithms == TuningFixtures.choices && clock.count > runs)
        #expect(again.warnings.count == 1 && again.warnings[0].hasPrefix(path), "\(again.warnings)")
        #expect(try String(decoding: FileSystem.read(path), as: UTF8.self) == sound)
      }
      // The folder of the cache cannot exist, since a file has its parent's name.
      let nowhere = try clock.tuning(path + "/below").tuned(TuningFixtures.network(), stores: nil)
      #expect(nowhere.backbone.algorithms == TuningFixtures.choices)
      #expect(nowhere.warnings.count == 1 && nowhere.warnings[0].hasPrefix("what was measured is not kept"))
    }
  }

  @Test func whatAMeasurementIsValidFor() throws {
    try withTemporaryFolder { folder in
      let cache = TuningCache(folder: folder)
      let subject = TuningCache.Subject(
        processor: "a", instructionSet: .portable, numericsRevision: 2, geometries: [TuningFixtures.wide])
      #expect(cache.entry(for: subject) == .unknown)
      for choices in [AlgorithmChoices(), TuningFixtures.choices] {
        #expect(cache.keep(choices, for: subject) == nil)
        guard case .known(choices, _) = cache.entry(for: subject) else {
          Issue.record("\(cache.entry(for: subject))")
          return
        }
      }
      for change: (inout TuningCache.Subject) -> Void in [
        { $0.processor = "b" }, { $0.instructionSet = .avx2 }, { $0.numericsRevision = 3 },
        { $0.geometries.append("3x3 64-64 at 8x8") },
      ] {
        var other = subject
        change(&other)
        #expect(cache.entry(for: other) == .unknown)
      }
      #expect(TuningCache(folder: nil).entry(for: subject) == .unknown)
      #expect(TuningCache(folder: nil).keep(TuningFixtures.choices, for: subject) == nil)
    }
  }

  /// The choices are in store.json before the first row. An existing store keeps its own choices.
  @Test func aStoreKeepsToItsChoices() throws {
    try withTemporaryFolder { folder in
      let (clock, stores) = (TuningFixtures.Clock(), folder + "/stores")
      let tuned = try clock.tuning(nil).tuned(TuningFixtures.network(), stores: stores).backbone
      func written() throws -> BackboneIdentity {
        try FeatureStore(path: stores + "/" + BackboneIdentity(tuned).storeName).identity
      }
      do { _ = try FeatureStoreWriter(parent: stores, identity: BackboneIdentity(tuned)) }
      #expect(try written().algorithms == TuningFixtures.choices)

      // The other clock would lead to other choices, but nothing is measured with it.
      let other = TuningFixtures.Clock(.winograd)
      let list = try ImageList(paths: [Repository.path("data/digits/test")]).prefix(6)
      func extract(_ backbone: Backbone, _ threads: Int) throws -> Extraction {
        let columns = try backbone.columns(layers: ["all"], poolings: [.avg])
        return try FeatureExtractor(backbone: backbone, columns: columns, threads: threads).extract(
          list, into: stores)
      }
      for (round, network) in try [TuningFixtures.network(), tuned].enumerated() {
        let found = try other.tuning(nil).tuned(network, stores: stores)
        #expect(found.backbone.algorithms == TuningFixtures.choices && other.count == 0)
        #expect(found.origin == .store(path: stores + "/" + (try written().storeName)))
        #expect(try extract(found.backbone, 2).computedRows == (round == 0 ? 6 : 0))
      }
      // A store without choices, or of another network, does not determine the choices.
      let plain = try extract(TuningFixtures.network(), 1)
      #expect(plain.computedRows == 6 && plain.store.identity.algorithms.isEmpty)
      let elsewhere = try other.tuning(nil).tuned(TuningFixtures.network(seed: 2), stores: stores)
      #expect(other.count > 0 && elsewhere.backbone.algorithms.algorithms["3x3 16-16 at 32x32"] == .winograd)

      // The two stores differ only by rounding, in the tuned layers and the layers behind them.
      let columns = try TuningFixtures.network().columns(layers: ["all"], poolings: [.avg])
      let difference = try LargestDifference(
        FeatureStore(path: stores + "/" + written().storeName), plain.store, columns)
      #expect(difference.value > 0 && difference.value < 1e-4 * difference.largest)
    }
  }
}

/// The largest difference, and the largest value, over some columns of two stores.
private struct LargestDifference {
  var value: Float = 0
  var largest: Float = 0

  init(_ a: FeatureStore, _ b: FeatureStore, _ columns: [Column]) throws {
    for column in columns {
      let (x, y) = (try a.matrix(column), try b.matrix(column))
      for row in 0..<a.rowCount {
        x.withRow(row) { x in
          y.withRow(row) { y in
            for index in x.indices {
              value = max(value, abs(x[index] - y[index]))
              largest = max(largest, abs(x[index]))
            }
          }
        }
      }
    }
  }
}
