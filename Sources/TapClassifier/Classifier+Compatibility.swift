// Checks, part by part, whether features that are computed here have the same origin as the features that a classifier
// was trained on.
//
// Weights, graph, preprocessing, precision and columns must be the same. The decoder's version, the numerics revision
// and the algorithms of convolutions may differ. These differences change features by rounding errors only, and the
// golden scores (the stored scores of a generated image) are compared as well. If such differences were refused, the
// next system update would make every deployed model unusable.

import TapProvenance

extension Classifier {
  /// Throws an error if features have another origin than the training features.
  ///
  /// - Throws: ``ClassifierError/noBackbone``, ``ClassifierError/mismatch(part:trained:here:)``.
  public func requireFeatures(of identity: BackboneIdentity, columns: [Column]) throws(ClassifierError) {
    guard let source else { throw .noBackbone }
    try Self.requireSameFeatures(trained: source.identity, here: identity)
    guard columns == source.columns else {
      throw .mismatch(
        part: .layer, trained: source.name, here: columns.map(\.name).joined(separator: " + "))
    }
  }

  package static func requireSameFeatures(
    trained: BackboneIdentity, here: BackboneIdentity
  ) throws(ClassifierError) {
    func named(_ identity: BackboneIdentity, _ hash: String) -> String {
      "\(identity.backbone), SHA-256 \(hash.prefix(12))…"
    }
    if trained.graphHash != here.graphHash {
      throw .mismatch(
        part: .graph, trained: named(trained, trained.graphHash), here: named(here, here.graphHash))
    }
    if trained.weightsHash != here.weightsHash {
      throw .mismatch(
        part: .weights, trained: named(trained, trained.weightsHash), here: named(here, here.weightsHash))
    }
    if trained.preprocessing != here.preprocessing {
      let theirs = trained.preprocessing.json.objectValue ?? [:]
      let ours = here.preprocessing.json.objectValue ?? [:]
      let different = theirs.keys.sorted().filter { theirs[$0] != ours[$0] }
      throw .mismatch(
        part: .preprocessing,
        trained: different.map { "\($0) \(theirs[$0]?.canonical ?? "")" }.joined(separator: ", "),
        here: different.map { "\($0) \(ours[$0]?.canonical ?? "")" }.joined(separator: ", "))
    }
    if trained.precision != here.precision {
      throw .mismatch(part: .precision, trained: trained.precision, here: here.precision)
    }
  }

  /// The differences that are not errors, each as a sentence.
  static func warnings(trained: BackboneIdentity, here: BackboneIdentity) -> [String] {
    var warnings: [String] = []
    if trained.decoder != here.decoder {
      warnings.append("trained on pixels from \(trained.decoder); this machine decodes with \(here.decoder)")
    }
    if trained.numericsRevision != here.numericsRevision {
      warnings.append(
        "trained with numerics revision \(trained.numericsRevision); this program has \(here.numericsRevision)"
      )
    }
    return warnings
  }
}
