// Choosing algorithms by measuring them, for who prefers a faster extraction here to everybody's bytes.

import TapKernels
import TapProvenance
import TapTensors

/// Measures which algorithm computes each convolution of a backbone fastest on this machine.
///
/// Every convolution for which there is more than one algorithm is run with each of them in turn, alone, on one thread, as a
/// plan would run it; convolutions of the same geometry are measured once. The shortest time of each counts. Memory is that of
/// one convolution with the weights of each of its algorithms.
///
/// What this does not see: neighbours that a plan computes together with a convolution, several threads that share a cache,
/// and pictures in batches.
public struct AlgorithmTuner: Sendable {
  /// Measured time, that of the runs alone, after which nothing more is measured, at most one run more; convolutions that it
  /// does not reach keep the program's own choice. The costliest are measured first, and after three runs of each algorithm no longer than their
  /// share.
  public var budget: Duration = .seconds(5)
  /// How often each algorithm is run at most, at least 1, after a first run that does not count.
  public var repeats = 9
  /// The least part of the time that another algorithm must save to be chosen: less is noise, and would change bytes for it.
  public var gain = 0.05

  /// How long `body` takes, which runs a convolution of this geometry by this algorithm, and which the tuner needs not to
  /// be called.
  package typealias Stopwatch =
    @Sendable (_ geometry: String, _ algorithm: ConvolutionAlgorithm, _ body: () -> Void) -> Duration

  private let stopwatch: Stopwatch
  private static let leastRepeats = 3

  /// A tuner with a clock of its own.
  public init() {
    self.init { _, _, body in ContinuousClock().measure(body) }
  }

  /// - Parameter stopwatch: what a test puts in the clock's place.
  package init(stopwatch: @escaping Stopwatch) {
    self.stopwatch = stopwatch
  }

  /// What measuring found.
  public struct Outcome: Hashable, Sendable {
    /// Where another algorithm is faster than the program's own choice.
    public var choices = AlgorithmChoices()
    /// Geometries whose algorithms were compared.
    public var measured = 0
    /// Geometries that the budget did not reach.
    public var unreached = 0
  }

  /// Measures, for inputs of the preprocessing's size, whatever choices the backbone has already.
  ///
  /// - Throws: ``BackboneError/operandMismatch(node:operation:operands:)`` for a network that has no such size.
  public func measure(
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

  /// The shortest time of each algorithm; nil where the budget ends before each has run once for its time.
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
