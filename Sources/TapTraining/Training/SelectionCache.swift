// Choices of C, kept beside the features on which they were made. A second run then searches only for changed columns
// or settings.
//
// A choice is in `selections/<key>.json` in a feature store. The key is the SHA-256 of everything that the choice
// depends on. The files may be deleted at any time. A file that cannot be read, or does not fit the data, counts as
// absent. If a store cannot be written to, nothing is kept.

import TapFeatures
import TapFileSystem
import TapFormats
import TapMetrics
import TapSelection

/// Choices of C in a feature store.
struct SelectionCache: Sendable {
  /// The revision of the solvers, folds and search. It grows by one with each change that may change the choice. The
  /// changes by revision are as follows. 2: SVMs begin with dual coordinate descent, paths continue from the last fit,
  /// and logistic regressions stop by other rules. Predictions within the tolerance may differ from earlier
  /// predictions. 4: keys are made from the settings' canonical form. 5: a search ends later, groups are held out at
  /// random, and rows of weight 0 and columns of denormal numbers are ignored. 6: candidates are compared by a
  /// criterion, and groups are dealt into folds in another order. 7: fits that judge end once their predictions are
  /// settled, and SVMs of few columns begin with Newton steps. 8: fits that judge end by another rule.
  private static let revision = 8

  private let folder: String

  init(_ store: FeatureStore) { folder = FileSystem.join(store.path, "selections") }

  /// The key of a choice that depends on `subject`.
  static func key(_ subject: JSONValue) -> Digest {
    let value = JSONValue.object(["revision": .integer(revision), "subject": subject])
    return SHA256.hash(Array(value.canonical.utf8))
  }

  /// The choice with this key; nil if there is no such choice.
  ///
  /// - Parameter labels: the classes of the rows of the feature matrix, below `classCount`.
  func selection(_ key: Digest, labels: RowLabels, classCount: Int) -> Selection? {
    guard let bytes = try? FileSystem.read(path(key)), let json = try? JSONValue.parse(bytes) else {
      return nil
    }
    return Selection(json, labels: labels, classCount: classCount)
  }

  /// Keeps a choice if the store can be written to.
  func keep(_ selection: Selection, key: Digest) {
    try? FileSystem.createDirectories(folder)
    try? AtomicWriter.replace(path(key), with: selection.json.canonical)
  }

  private func path(_ key: Digest) -> String { FileSystem.join(folder, key.hex + ".json") }
}

extension Selection {
  fileprivate var json: JSONValue {
    let method: JSONValue =
      switch method {
      case .crossValidation(let folds): .object(["folds": .integer(folds)])
      case .validation(let rows): .object(["validationRows": .integer(rows)])
      case .unjudged: .null
      }
    return .object([
      "method": method, "rule": .string(rule.rawValue), "criterion": .string(criterion.rawValue),
      "repeats": .integer(repeats), "candidates": .array(candidates.map(\.json)),
      "heldOut": .array(heldOut.map(JSONValue.integer)),
      "predictions": .array(predictions.map(JSONValue.integer)),
    ])
  }

  fileprivate init?(_ json: JSONValue, labels: RowLabels, classCount: Int) {
    let method: SelectionMethod
    if let folds = json["method"]?["folds"]?.intValue {
      method = .crossValidation(folds: folds)
    } else if let count = json["method"]?["validationRows"]?.intValue {
      method = .validation(rows: count)
    } else {
      return nil
    }
    let repeats = json["repeats"]?.intValue ?? 1
    let rule = json["rule"]?.stringValue ?? SelectionRule.best.rawValue
    guard let rule = SelectionRule(rawValue: rule), repeats >= 1,
      let criterion = json["criterion"]?.stringValue.flatMap({ SelectionCriterion(rawValue: $0) })
    else { return nil }
    let candidates = json["candidates"]?.arrayValue?.map { Candidate($0, criterion, repeats: repeats) } ?? []
    let known = candidates.compactMap(\.self)
    guard !known.isEmpty, known.count == candidates.count,
      let heldOut = Self.indices(json["heldOut"], below: labels.values.count),
      heldOut.allSatisfy({ labels[$0] != nil }),
      let predictions = Self.indices(json["predictions"], below: classCount), heldOut.count == predictions.count,
      known.allSatisfy({ $0.accuracy.count == heldOut.count })
    else { return nil }
    self.init(method: method, candidates: known, rule: rule, heldOut: heldOut, predictions: predictions)
  }

  private static func indices(_ json: JSONValue?, below limit: Int) -> [Int]? {
    let values = json?.arrayValue?.map(\.intValue)
    guard let values, values.allSatisfy({ $0.map((0..<limit).contains) ?? false }) else { return nil }
    return values.compactMap(\.self)
  }
}

extension Candidate {
  fileprivate var json: JSONValue {
    .object([
      "c": c.map(JSONValue.number) ?? .null, "converged": .bool(converged),
      "logLoss": logLoss.map(JSONValue.number) ?? .null, "score": .number(score),
      "standardError": .number(standardError),
      "folds": .array(folds.map { .array([.integer($0.successes), .integer($0.count)]) }),
    ])
  }

  fileprivate init?(_ json: JSONValue, _ criterion: SelectionCriterion, repeats: Int) {
    guard let c = json["c"], c == .null || c.doubleValue != nil,
      case .bool(let converged)? = json["converged"],
      let score = json["score"]?.doubleValue, let error = json["standardError"]?.doubleValue,
      score.isFinite, error.isFinite,
      let pairs = json["folds"]?.arrayValue?.map({ $0.arrayValue?.compactMap(\.intValue) ?? [] }),
      !pairs.isEmpty,
      pairs.allSatisfy({ $0.count == 2 && 0 <= $0[0] && $0[0] <= $0[1] && $0[1] < 1 << 40 }),
      pairs.reduce(0, { $0 + $1[1] }) % repeats == 0
    else { return nil }
    self.init(
      c: c.doubleValue, folds: pairs.map { Proportion(successes: $0[0], count: $0[1]) }, repeats: repeats,
      logLoss: json["logLoss"]?.doubleValue,
      converged: converged, judgment: (criterion, score, error))
  }
}
