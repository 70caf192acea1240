// Translates the fields that describe a training in formats 1 and 2 to format 3. This is the only translation, so every
// reader of a model gets settings, results and selection in the form of format 3.

import TapFormats
import TapLinear
import TapSelection
import TapSettings

extension TrainingSummary {
  /// - Parameters:
  ///   - json: the object `training`, which held both settings and results. Fields with default values were left out.
  ///   - normalizesRows: whether the metadata state that rows are normalized.
  ///   - calibration: the calibration in the metadata.
  init(
    ofEarlierFormat json: JSONValue, normalizesRows: Bool, calibration: Calibration?
  ) throws(JSONError) {
    let selection = SelectionRecord(sentence: try json.string("selection"))
    let settings = try ModelSettings(
      json: .object([
        "training": try Self.settings(json, selection, normalizesRows: normalizesRows, calibration)
      ]))
    let whitens = try json["pca"].map { pca throws(JSONError) in try pca.bool("whiten") } ?? false
    try self.init(json: json, settings: settings, selection: selection, whitens: whitens)
    self.selection.tried = estimates.compactMap(\.c)
  }

  /// The settings that the object states. All other settings had their default values. C was given by the user or
  /// chosen, and the value that was used is kept.
  private static func settings(
    _ json: JSONValue, _ selection: SelectionRecord, normalizesRows: Bool, _ calibration: Calibration?
  ) throws(JSONError) -> JSONValue {
    let kind = try json.string("classifier")
    var fields: [String: JSONValue] = [
      "classifier": .string(kind), "seed": .string(try json.string("seed")),
      "standardize": .string(try json.string("standardization")),
      "normalizeRows": .bool(normalizesRows), "select": .string(selection.rule.rawValue),
      "selectBy": .string(selection.criterion.rawValue),
      "classWeight": .string(try json.string("classWeights")),
    ]
    if kind == ClassifierKind.logistic.rawValue {
      fields["multiClass"] = json["multiClass"] ?? .string(MultiClass.multinomial.rawValue)
    }
    if kind == ClassifierKind.svm.rawValue { fields["loss"] = .string(try json.string("loss")) }
    if let penalty = json["penalty"] {
      fields["penalty"] = .string(try penalty.string("name"))
      if let ratio = penalty["l1Ratio"] { fields["l1Ratio"] = ratio }
    }
    if let c = json["c"], fields["penalty"] != .string(Penalty.none.name) { fields["c"] = c }
    if let pca = json["pca"] {
      fields["pca"] = .integer(try pca.int("components"))
      fields["whiten"] = .bool(try pca.bool("whiten"))
    }
    if case .crossValidation(let folds, let repeats) = selection.method {
      fields["folds"] = .integer(folds)
      fields["repeats"] = .integer(repeats)
    }
    switch calibration {
    case .platt: fields["calibrate"] = .string(CalibrationMethod.platt.rawValue)
    case .temperature: fields["calibrate"] = .string(CalibrationMethod.temperature.rawValue)
    case nil: break
    }
    if kind == ClassifierKind.nearestMean.rawValue {
      for field in ["select", "classWeight", "c", "penalty"] { fields[field] = nil }
    }
    return .object(fields)
  }
}

extension SelectionRecord {
  /// Reads a sentence such as `5-fold cross-validation, 2 repeats, one-standard-error rule` or
  /// `validation split, 20.0 % of the training images`.
  package init(sentence: String) {
    let parts = sentence.split(separator: ",").map { $0.drop { $0 == " " } }
    self.init(.other(sentence))
    guard let first = parts.first else { return }
    var repeats = 1
    var fraction: Double?
    for part in parts.dropFirst() {
      if part == "one-standard-error rule" {
        rule = .oneStandardError
      } else if part.hasSuffix(" repeats"), let count = Int(part.dropLast(" repeats".count)) {
        repeats = count
      } else if part.hasSuffix(" % of the training images"),
        let percent = Double(part.dropLast(" % of the training images".count))
      {
        fraction = percent / 100
      } else {
        return
      }
    }
    if first == "validation split" {
      method = .validation(fraction: fraction)
    } else if first.hasSuffix("-fold cross-validation"),
      let folds = Int(first.dropLast("-fold cross-validation".count))
    {
      method = .crossValidation(folds: folds, repeats: repeats)
    }
  }
}
