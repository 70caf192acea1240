import Synchronization
import TapArchitectures
import TapBackbone
import TapExtraction
import TapFeatures
import TapProvenance

/// A network and measurements of its convolution algorithms with a clock of the test's own.
public enum TuningFixtures {
  public static let wide = "3x3 32-32 at 16x16"
  /// The choices that differ from the network's defaults. By default, the convolution `wide` uses Winograd.
  public static let choices = AlgorithmChoices([wide: .direct])

  public static func network(seed: UInt64 = 1) throws -> Backbone {
    try Architectures.seeded("resnet20_cifar10", seed: seed)
  }

  /// A clock that counts its measurements, and for which one algorithm is always the faster one.
  public final class Clock: Sendable {
    let runs = Atomic<Int>(0)
    let fastest: ConvolutionAlgorithm

    public init(_ fastest: ConvolutionAlgorithm = .direct) { self.fastest = fastest }

    package func tuning(_ folder: String?) -> BackboneTuning {
      BackboneTuning(
        tuner: AlgorithmTuner { [self] _, algorithm, _ in
          runs.add(1, ordering: .relaxed)
          return .microseconds(algorithm == fastest ? 1 : 2)
        }, cache: TuningCache(folder: folder))
    }

    public var count: Int { runs.load(ordering: .relaxed) }
  }
}
