// `--tune` gives a backbone the convolution algorithms of an existing store, of an earlier measurement, or of a new
// measurement.

import TapBackbone
import TapExtraction
import TapFormats
import TapKernels
import TapProvenance

/// Gives a backbone the convolution algorithms that are fastest on this machine.
///
/// Other algorithms round features differently, so they change the identity of the features. Tuned features therefore
/// have a store of their own, and a model trained on tuned features uses the same algorithms on every machine.
package struct BackboneTuning: Sendable {
  /// The tuner that measures algorithms if no measurement exists.
  package var tuner: AlgorithmTuner
  /// The cache of complete measurements, which measured every convolution.
  package var cache: TuningCache

  /// Creates a tuning with these parts.
  package init(tuner: AlgorithmTuner = AlgorithmTuner(), cache: TuningCache = TuningCache()) {
    self.tuner = tuner
    self.cache = cache
  }

  /// The origin of the choices of algorithms.
  package enum Origin: Hashable, Sendable {
    /// No convolution of the backbone has more than one algorithm.
    case nothingToChoose
    /// The choices are those of an existing store.
    case store(path: String)
    /// The choices are those of an earlier measurement.
    case cache(path: String)
    /// The choices are those of a new measurement. It measured `convolutions` kinds of convolutions and had no time for
    /// `unreached` further kinds.
    case measured(convolutions: Int, unreached: Int)
  }

  /// A backbone with its choices of algorithms.
  package struct Tuned: Sendable {
    /// The backbone with ``Backbone/algorithms`` set.
    package let backbone: Backbone
    /// The origin of the choices of algorithms.
    package let origin: Origin
    /// Errors of the cache. Tuning continues after such an error.
    package let warnings: [String]

    /// The choices and their origin, as text.
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
  ///   - stores: the folder that holds feature stores, or nil. If a store in this folder holds tuned features of this
  ///     backbone, the backbone gets the algorithms of this store.
  /// - Throws: ``BackboneError`` if the backbone cannot take an input of this size.
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
    // A measurement that ran out of time is not kept, because a kept measurement counts as complete. The next run
    // measures the remaining convolutions.
    if outcome.unreached == 0, let problem = cache.keep(outcome.choices, for: subject) {
      warnings.append("what was measured is not kept: \(problem)")
    }
    return tuned(
      outcome.choices, .measured(convolutions: outcome.measured, unreached: outcome.unreached), warnings)
  }
}
