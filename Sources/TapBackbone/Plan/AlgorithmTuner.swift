// Chooses algorithms by measuring them. It is for users who prefer faster extraction on this machine to bytes that are
// equal to those of other users.

import TapKernels
import TapProvenance
import TapTensors

/// Finds, by measuring, the fastest algorithm for each convolution of a backbone on this machine.
///
/// Every convolution with several algorithms is run with each of them in turn, alone, on one thread, as in a plan.
/// Convolutions of the same geometry are measured once. The shortest time of each algorithm counts. The tuner needs
/// memory for one convolution and its weights for each of its algorithms.
///
/// Three effects are not measured: neighbors that a plan computes together with a convolution, several threads that
/// share a cache, and images in batches.
package struct AlgorithmTuner: Sendable {
  /// The limit of the measured time. Only the time of the runs counts, and at most one run exceeds the limit. The
  /// convolutions with the most multiply-adds are measured first. A convolution that is not reached keeps the program's
  /// own choice. After three runs of each algorithm, a convolution gets no more than its share of the time.
  package var budget: Duration = .seconds(5)
  /// The largest number of measured runs of each algorithm, at least 1. One run before them is not measured.
  package var repeats = 9
  /// Another algorithm is chosen only if it saves at least this share of the time. A smaller difference is noise, and
  /// choosing by it would change bytes without need.
  package var gain = 0.05

  /// Returns the time of `body`, which runs a convolution of the given geometry by the given algorithm. A stopwatch
  /// need not call `body`.
  package typealias Stopwatch =
    @Sendable (_ geometry: String, _ algorithm: ConvolutionAlgorithm, _ body: () -> Void) -> Duration

  private let stopwatch: Stopwatch
  private static let leastRepeats = 3

  /// A tuner with the system's clock.
  package init() {
    self.init { _, _, body in ContinuousClock().measure(body) }
  }

  /// - Parameter stopwatch: the clock; tests pass another one.
  package init(stopwatch: @escaping Stopwatch) {
    self.stopwatch = stopwatch
  }

  /// The result of the measurements.
  package struct Outcome: Hashable, Sendable {
    /// The geometries for which another algorithm is faster than the program's own choice.
    package var choices = AlgorithmChoices()
    /// The number of geometries whose algorithms were compared.
    package var measured = 0
    /// The number of geometries that the budget did not reach.
    package var unreached = 0
  }

  /// Measures the convolutions for inputs of the preprocessing's size. Existing choices of the backbone have no effect.
  ///
  /// - Throws: ``BackboneError/operandMismatch(node:operation:operands:)`` if the network cannot take an input of that
  ///   size.
  package func measure(
    _ backbone: Backbone, instructionSet: InstructionSet = .best
  ) throws(BackboneError) -> Outcome {
    var outcome = Outcome()
    var remaining = budget
    let kernels = KernelSet(instructionSet)
    let disturbance = CacheDisturbance()
    let layers = try backbone.choosableConvolutions()
    for (index, layer) in layers.enumerated() {
      let share = remaining / (layers.count - index)
      let times = times(of: layer, share, backbone, kernels, disturbance, &remaining)
      guard let usual = times?[layer.usual], let best = times?.min(by: { $0.value < $1.value }) else {
        outcome.unreached += 1
        continue
      }
      outcome.measured += 1
      if best.key != layer.usual, best.value <= usual * (1 - gain) {
        outcome.choices.algorithms[layer.geometry] = best.key
      }
    }
    return outcome
  }

  /// The shortest time of each algorithm. Nil if the budget ends before each algorithm has had one measured run.
  private func times(
    of layer: ChoosableConvolution, _ share: Duration, _ backbone: Backbone, _ kernels: KernelSet,
    _ disturbance: CacheDisturbance,
    _ remaining: inout Duration
  ) -> [ConvolutionAlgorithm: Duration]? {
    guard remaining > .zero else { return nil }
    let end = remaining - share
    var trials: [ConvolutionAlgorithm: ConvolutionTrial] = [:]
    var shortest: [ConvolutionAlgorithm: Duration] = [:]
    for round in 0...max(repeats, 1) {
      if round > Self.leastRepeats, remaining <= end { break }
      for algorithm in layer.algorithms {
        guard remaining > .zero else { return shortest.count == layer.algorithms.count ? shortest : nil }
        disturbance.fillCache()
        let time = stopwatch(layer.geometry, algorithm) {
          let trial = trials[algorithm] ?? ConvolutionTrial(layer, algorithm, of: backbone, kernels)
          trials[algorithm] = trial
          trial.run()
        }
        remaining -= time
        // The first run packs the weights.
        if round > 0 { shortest[algorithm] = min(shortest[algorithm] ?? time, time) }
      }
    }
    return shortest
  }
}
