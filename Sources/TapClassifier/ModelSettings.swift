// The settings that a classifier's file keeps.

import TapFormats
import TapLinear
import TapSettings

/// The settings of a classifier's training and feature extraction, in the form of the classifier's file.
///
/// An initializer reads only the kind of the model and the rule for more than two classes. All other settings are read
/// when they are needed. So an unknown setting of a later version prevents a warm start but no prediction.
public struct ModelSettings: Hashable, Sendable {
  /// The kind of model.
  public let classifier: ClassifierKind
  /// The rule for more than two classes.
  public let multiClass: MultiClass
  /// The settings as a JSON object: `{"training": …, "extraction": …}`.
  package let json: JSONValue

  /// - Parameter extraction: nil for a matrix without a known origin.
  public init(_ training: TrainingSettings, extraction: ExtractionSettings? = nil) {
    classifier = training.model.kind
    multiClass = training.model.multiClass
    var fields = ["training": training.json]
    if let extraction { fields["extraction"] = extraction.json }
    json = .object(fields)
  }

  /// - Throws: ``JSONError`` if the object does not state the kind of the model.
  package init(json: JSONValue) throws(JSONError) {
    let training = JSONValue.object(try json.object("training"))
    classifier = try training.word("classifier")
    multiClass =
      classifier == .logistic ? try training.word("multiClass") : classifier.multiClass
    self.json = json
  }

  /// The settings of the training.
  ///
  /// - Throws: ``SettingsError`` for an unknown field or word.
  public func training() throws(SettingsError) -> TrainingSettings {
    try TrainingSettings(json: json["training"] ?? .null)
  }

  /// The settings of the extraction; nil for a matrix without a known origin, and for files of formats 1 and 2, which
  /// do not contain these settings.
  ///
  /// - Throws: the errors of ``training()``.
  public func extraction() throws(SettingsError) -> ExtractionSettings? {
    guard let extraction = json["extraction"] else { return nil }
    return try ExtractionSettings(json: extraction)
  }

  /// A setting of the training in the form that a user types; nil if the setting has no meaning for the model or is not
  /// known.
  public func word(_ field: String) -> String? { json["training"]?[field]?.typed }

  /// The name of the loss that is minimized together with the penalty: `cross-entropy`, a hinge's name, or
  /// `squared-distance`.
  public var loss: String {
    switch classifier {
    case .logistic: "cross-entropy"
    case .svm: word("loss") ?? "unknown"
    case .nearestMean: "squared-distance"
    }
  }
}

extension JSONValue {
  /// The case of an enumeration that a field names.
  fileprivate func word<Word: CaseIterable & RawRepresentable<String>>(
    _ field: String
  ) throws(JSONError) -> Word {
    let text = try string(field)
    guard let word = Word(rawValue: text) else {
      throw .wrongType(
        field: field, expected: Word.allCases.map(\.rawValue).joined(separator: " or "), found: text)
    }
    return word
  }
}
