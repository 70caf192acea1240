import Synchronization
import TapArchitectures
import TapBackbone
import TapExtraction
import TapFeatures
import TapProvenance

/// A network with two kinds of convolutions, and measurements of their algorithms by a clock of the test's own.
public enum TuningFixtures {
  public static let wide = "3x3 32-32 at 16x16"
  /// The network's defaults are Winograd for this convolution and direct for the other.
  public static let choices = AlgorithmChoices([wide: .direct])

  public static func network(seed: UInt64 = 1) throws -> Backbone {
    try Architectures.seeded("resnet20_cifar10", seed: seed)
  }

  /// Counts its measurements, and finds that one algorithm is always the faster one.
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
