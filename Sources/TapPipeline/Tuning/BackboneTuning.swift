// `--tune`: the algorithms of the store that there is, those measured before, or those that measuring finds now.

import TapBackbone
import TapFeatures
import TapFormats
import TapKernels
import TapProvenance

/// Gives a backbone the algorithms that are fastest on this machine.
///
/// They change its features by rounding, and with them their identity: what is extracted so lies in a store of its own, and a
/// model trained on it computes by the same algorithms wherever it is used.
public struct BackboneTuning: Sendable {
  /// Measures what nobody has measured yet.
  public var tuner: AlgorithmTuner
  /// Where measurements are kept, those that reached every convolution.
  public var cache: TuningCache

  /// Tuning with these parts.
  public init(tuner: AlgorithmTuner = AlgorithmTuner(), cache: TuningCache = TuningCache()) {
    self.tuner = tuner
    self.cache = cache
  }

  /// Where choices come from.
  public enum Origin: Hashable, Sendable {
    /// No convolution of the backbone has more than one algorithm.
    case nothingToChoose
    /// A store that there is.
    case store(path: String)
    /// An earlier measurement.
    case cache(path: String)
    /// A measurement now.
    case measured(convolutions: Int, unreached: Int)
  }

  /// A backbone with its choices.
  public struct Tuned: Sendable {
    /// With ``Backbone/algorithms`` set.
    public let backbone: Backbone
    /// Where the choices come from.
    public let origin: Origin
    /// What went wrong with the cache without harm.
    public let remarks: [String]

    /// In words: what is chosen, and who says so.
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
  ///   - stores: a parent of feature stores; one that holds tuned features of this backbone settles the choices. Nil for none.
  /// - Throws: ``BackboneError`` for a backbone that cannot be planned for that size.
  public func tuned(
    _ backbone: Backbone, stores: String?, instructionSet: InstructionSet = .best
  ) throws(BackboneError) -> Tuned {
    func tuned(_ choices: AlgorithmChoices, _ origin: Origin, _ remarks: [String] = []) -> Tuned {
      var result = backbone
      result.algorithms = choices
      return Tuned(backbone: result, origin: origin, remarks: remarks)
    }
    let geometries = try backbone.choosableGeometries()
    guard !geometries.isEmpty else { return tuned(AlgorithmChoices(), .nothingToChoose) }
    if let stores, let store = FeatureStore.tuned(like: BackboneIdentity(backbone), below: stores) {
      return tuned(store.algorithms, .store(path: store.path))
    }
    let subject = TuningCache.Subject(instructionSet: instructionSet, geometries: geometries)
    var remarks: [String] = []
    switch cache.entry(for: subject) {
    case .known(let choices, let path): return tuned(choices, .cache(path: path))
    case .damaged(let path, let problem): remarks.append("\(path) is of no use (\(problem)): measured again")
    case .unknown: break
    }
    let outcome = try tuner.measure(backbone, instructionSet: instructionSet)
    // What the time did not suffice for is measured when next asked: kept, it would count as measured for good.
    if outcome.unreached == 0, let problem = cache.keep(outcome.choices, for: subject) {
      remarks.append("what was measured is not kept: \(problem)")
    }
    return tuned(
      outcome.choices, .measured(convolutions: outcome.measured, unreached: outcome.unreached), remarks)
  }
}
