// `--tune`: the algorithms of an existing store, those measured before, or those found by a measurement now.

import TapBackbone
import TapExtraction
import TapFormats
import TapKernels
import TapProvenance

/// Gives a backbone the algorithms that are fastest on this machine.
///
/// The algorithms change its features by rounding, and thus their identity: these features have a store of their own,
/// and a model trained on them uses the same algorithms on every machine.
package struct BackboneTuning: Sendable {
  /// Measures algorithms that were not measured before.
  package var tuner: AlgorithmTuner
  /// The cache of measurements that reached every convolution.
  package var cache: TuningCache

  /// Creates a tuning with these parts.
  package init(tuner: AlgorithmTuner = AlgorithmTuner(), cache: TuningCache = TuningCache()) {
    self.tuner = tuner
    self.cache = cache
  }

  /// The origin of the choices.
  package enum Origin: Hashable, Sendable {
    /// No convolution of the backbone has more than one algorithm.
    case nothingToChoose
    /// An existing store.
    case store(path: String)
    /// An earlier measurement.
    case cache(path: String)
    /// A measurement now.
    case measured(convolutions: Int, unreached: Int)
  }

  /// A backbone with its choices.
  package struct Tuned: Sendable {
    /// The backbone with ``Backbone/algorithms`` set.
    package let backbone: Backbone
    /// The origin of the choices.
    package let origin: Origin
    /// Harmless errors of the cache.
    package let warnings: [String]

    /// The choices and their origin, in words.
    package var text: String {
      let choices = backbone.algorithms
      let what = choices.isEmpty ? "every convolution by its usual algorithm" : choices.text
      let why =
        switch origin {
        case .nothingToChoose: "no convolution of \(backbone.name) has another"
        case .store(let path): "as in \(path)"
        case .cache(let path): "measured before, \(path)"
        case .measured(let count, 0): "measured for \(count) kinds of convolution"
        case .measured(let count, let unreached):
          "measured for \(count) kinds of convolution; the time was up before \(unreached) more"
        }
      return "tuned: \(what) (\(why))"
    }
  }

  /// Tunes a backbone for inputs of its preprocessing's size.
  ///
  /// - Parameters:
  ///   - stores: a parent of feature stores; one with tuned features of this backbone determines the choices. Nil for
  ///     none.
  /// - Throws: ``BackboneError`` for a backbone that cannot be planned for that size.
  package func tuned(
    _ backbone: Backbone, stores: String?, instructionSet: InstructionSet = .best
  ) throws(BackboneError) -> Tuned {
    func tuned(_ choices: AlgorithmChoices, _ origin: Origin, _ warnings: [String] = []) -> Tuned {
      var result = backbone
      result.algorithms = choices
      return Tuned(backbone: result, origin: origin, warnings: warnings)
    }
    let geometries = try backbone.choosableGeometries()
    guard !geometries.isEmpty else { return tuned(AlgorithmChoices(), .nothingToChoose) }
    if let stores, let store = FeatureStore.tuned(like: BackboneIdentity(backbone), below: stores) {
      return tuned(store.algorithms, .store(path: store.path))
    }
    let subject = TuningCache.Subject(instructionSet: instructionSet, geometries: geometries)
    var warnings: [String] = []
    switch cache.entry(for: subject) {
    case .known(let choices, let path): return tuned(choices, .cache(path: path))
    case .damaged(let path, let problem): warnings.append("\(path) is of no use (\(problem)): measured again")
    case .unknown: break
    }
    let outcome = try tuner.measure(backbone, instructionSet: instructionSet)
    // A measurement that ran out of time is not kept: it would count as complete. The rest is measured next time.
    if outcome.unreached == 0, let problem = cache.keep(outcome.choices, for: subject) {
      warnings.append("what was measured is not kept: \(problem)")
    }
    return tuned(
      outcome.choices, .measured(convolutions: outcome.measured, unreached: outcome.unreached), warnings)
  }
}
