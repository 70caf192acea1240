// Choosing algorithms by measuring them, for users who prefer faster extraction on this machine to the same bytes as
// others.

import TapKernels
import TapProvenance
import TapTensors

/// Measures the fastest algorithm for each convolution of a backbone on this machine.
///
/// Every convolution with several algorithms is run with each of them in turn, alone, on one thread, as in a plan.
/// Convolutions of the same geometry are measured once. The shortest time of each is used. The memory is that of one
/// convolution with the weights of each of its algorithms.
///
/// Not measured: neighbors that a plan computes together with a convolution, several threads that share a cache, and
/// images in batches.
package struct AlgorithmTuner: Sendable {
  /// The limit of the measured time, which counts the runs alone; at most one run exceeds it. Convolutions not reached
  /// keep the program's own choice. The costliest are measured first. After three runs of each algorithm, a convolution
  /// gets no more than its share of the time.
  package var budget: Duration = .seconds(5)
  /// The largest number of runs of each algorithm, at least 1, after a first run that is not measured.
  package var repeats = 9
  /// The smallest saved part of the time for which another algorithm is chosen: less is noise, and would change bytes
  /// for nothing.
  package var gain = 0.05

  /// Returns the time of `body`, which runs a convolution of this geometry by this algorithm. The tuner works even if
  /// `body` is not called.
  package typealias Stopwatch =
    @Sendable (_ geometry: String, _ algorithm: ConvolutionAlgorithm, _ body: () -> Void) -> Duration

  private let stopwatch: Stopwatch
  private static let leastRepeats = 3

  /// A tuner with the system's clock.
  package init() {
    self.init { _, _, body in ContinuousClock().measure(body) }
  }

  /// - Parameter stopwatch: the clock; tests replace it.
  package init(stopwatch: @escaping Stopwatch) {
    self.stopwatch = stopwatch
  }

  /// The result of measuring.
  package struct Outcome: Hashable, Sendable {
    /// The geometries for which another algorithm is faster than the program's own choice.
    package var choices = AlgorithmChoices()
    /// The number of geometries whose algorithms were compared.
    package var measured = 0
    /// The number of geometries that the budget did not reach.
    package var unreached = 0
  }

  /// Measures, for inputs of the preprocessing's size, whatever choices the backbone has already.
  ///
  /// - Throws: ``BackboneError/operandMismatch(node:operation:operands:)`` if the network cannot have that size.
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

  /// The shortest time of each algorithm; nil if the budget ends before the first measured run of each.
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
