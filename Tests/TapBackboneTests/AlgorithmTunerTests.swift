// Tests of algorithms that are chosen by hand or by measuring. Most tests use a clock of their own. No test asserts a
// time.

import Synchronization
import TapBackbone
import TapKernels
import TapProvenance
import TestSupport
import Testing

@Suite struct AlgorithmTunerTests {
  /// The convolutions of `Networks.squares()`.
  static let geometries = [
    "3x3 19-35 at 11x11", "3x3 3-19 at 13x13", "3x3 35-35 at 11x11", "3x3 35-40 at 13x13",
  ]

  static func choices(_ algorithm: ConvolutionAlgorithm) -> AlgorithmChoices {
    AlgorithmChoices(Dictionary(uniqueKeysWithValues: geometries.map { ($0, algorithm) }))
  }

  func algorithms(_ backbone: Backbone) throws -> [String] {
    try backbone.plan(columns: [Column(tap: "c4", pooling: .avg)]).timings(runs: 1).map(\.algorithm).filter {
      !$0.hasPrefix("pooling")
    }
  }

  @Test func convolutionsAreNamedByTheirGeometry() throws {
    #expect(try Networks.squares().choosableGeometries() == Self.geometries)
    // Convolutions of 7 x 7, of 3 x 3 with stride 2, in groups or depthwise have no second algorithm to choose.
    #expect(try Networks.mixed().choosableGeometries() == [])
    #expect(try Networks.modern().choosableGeometries() == [])
    var backbone = try Networks.squares()
    backbone.preprocessing.size = 9
    #expect(try backbone.choosableGeometries().contains("3x3 35-40 at 9x9"))
  }

  @Test func choicesAreFollowed() throws {
    var backbone = try Networks.squares()
    backbone.algorithms = Self.choices(.direct)
    #expect(try algorithms(backbone) == Array(repeating: "direct 3x3", count: 4))
    backbone.algorithms = Self.choices(.winograd)
    #expect(try algorithms(backbone) == Array(repeating: "winograd 3x3", count: 4))
    backbone.algorithms = AlgorithmChoices([Self.geometries[2]: .direct, "3x3 19-35 at 12x12": .direct])
    #expect(try algorithms(backbone) == ["direct 3x3", "winograd 3x3", "direct 3x3", "winograd 3x3"])
    // A chosen algorithm that cannot compute the convolution is skipped.
    backbone.algorithms = Self.choices(.depthwise)
    #expect(try algorithms(backbone) == ["direct 3x3"] + Array(repeating: "winograd 3x3", count: 3))
  }

  /// A chosen algorithm gives the same bits as the forced algorithm, for any other taps and any division of the work.
  @Test(arguments: InstructionSet.available, [ConvolutionAlgorithm.direct, .winograd])
  func bitsAreThoseOfTheChosenAlgorithm(
    instructionSet: InstructionSet, algorithm: ConvolutionAlgorithm
  ) throws {
    let usual = try Networks.squares()
    var tuned = usual
    tuned.algorithms = Self.choices(algorithm)
    let images = Networks.images(3, size: usual.preprocessing.size)
    for taps in [["c4"], ["c1", "c2", "n2", "c3", "r3", "a3", "c4"]] {
      let columns = try usual.columns(layers: taps, poolings: Pooling.selectable)
      let expected = try usual.plan(columns: columns, instructionSet: .portable, forcing: algorithm).rows(
        images)
      for (batch, threads) in [(1, 1), (2, 1), (3, 3)] {
        let rows = try tuned.plan(columns: columns, batch: batch, instructionSet: instructionSet).rows(
          images, threads: threads)
        #expect(rows.map(\.bitPattern) == expected.map(\.bitPattern))
      }
      let untuned = try usual.plan(columns: columns, instructionSet: instructionSet).rows(images)
      #expect(untuned.map(\.bitPattern) != expected.map(\.bitPattern))
    }
  }

  /// A stopwatch that returns scripted times and counts.
  final class Script: Sendable {
    let runs = Mutex([String: Int]())
    let time: @Sendable (String, ConvolutionAlgorithm, Int) -> Duration

    init(_ time: @escaping @Sendable (String, ConvolutionAlgorithm, Int) -> Duration) { self.time = time }

    var tuner: AlgorithmTuner {
      AlgorithmTuner { [self] geometry, algorithm, _ in
        let run = runs.withLock { runs in
          runs["\(geometry) \(algorithm)", default: 0] += 1
          return runs["\(geometry) \(algorithm)", default: 0]
        }
        return time(geometry, algorithm, run)
      }
    }
  }

  @Test func theShortestTimeDecidesWhereItIsClear() throws {
    // The program's own choice is direct for the first and Winograd for the others.
    let script = Script { geometry, algorithm, run in
      // The first run packs weights, and a disturbance lengthens others: neither is used.
      if run != 3 { return .milliseconds(50) }
      return switch (geometry, algorithm) {
      case (Self.geometries[1], .winograd): .microseconds(949)
      case (Self.geometries[0], .direct): .microseconds(951)
      case (Self.geometries[2], .direct): .microseconds(500)
      default: .microseconds(1000)
      }
    }
    var tuner = script.tuner
    tuner.budget = .seconds(60)
    let outcome = try tuner.measure(Networks.squares())
    #expect(
      outcome.choices == AlgorithmChoices([Self.geometries[1]: .winograd, Self.geometries[2]: .direct]))
    #expect(outcome.measured == 4 && outcome.unreached == 0)
    #expect(script.runs.withLock { $0.values.allSatisfy { $0 == tuner.repeats + 1 } && $0.count == 8 })
  }

  /// 4 runs of 10 ms reach the first of the costliest; a slow machine chooses nothing instead of by chance.
  @Test func theBudgetBounds() throws {
    let script = Script { _, algorithm, _ in algorithm == .direct ? .milliseconds(5) : .milliseconds(10) }
    var tuner = script.tuner
    tuner.repeats = 1
    tuner.budget = .milliseconds(30)
    let outcome = try tuner.measure(Networks.squares())
    #expect(outcome.choices == AlgorithmChoices(["3x3 35-40 at 13x13": .direct]))
    #expect(outcome.measured == 1 && outcome.unreached == 3)
    #expect(script.runs.withLock { $0.values.reduce(0, +) } == 4)

    tuner.budget = .milliseconds(16)
    #expect(try tuner.measure(Networks.squares()).choices.isEmpty)
    tuner.budget = .zero
    let nothing = try tuner.measure(Networks.squares())
    #expect(nothing.measured == 0 && nothing.unreached == 4)
  }

  /// Costly convolutions leave the others their share, and the unused rest is not spent twice.
  @Test func theBudgetIsShared() throws {
    let script = Script { _, _, _ in .milliseconds(1) }
    var tuner = script.tuner
    tuner.repeats = 1000
    tuner.budget = .milliseconds(80)
    let outcome = try tuner.measure(Networks.squares())
    #expect(outcome.measured == 4 && outcome.unreached == 0)
    #expect(script.runs.withLock { $0.values.allSatisfy { $0 == 10 } })
  }

  /// With the real clock, every choice is valid and the features are right.
  @Test(arguments: InstructionSet.available) func measures(instructionSet: InstructionSet) throws {
    var tuner = AlgorithmTuner()
    tuner.repeats = 1
    var backbone = try Networks.squares()
    let outcome = try tuner.measure(backbone, instructionSet: instructionSet)
    #expect(outcome.measured == 4)
    #expect(Set(outcome.choices.algorithms.keys).isSubset(of: Self.geometries))
    backbone.algorithms = outcome.choices
    _ = try algorithms(backbone)
  }
}
