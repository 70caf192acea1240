// The settings that a classifier's file keeps.

import TapFormats
import TapLinear
import TapSettings

/// The settings of the training and of the extraction behind a classifier, as its file has them.
///
/// The kind of the scores is read at once. The rest is read only when needed, so that a later version's word prevents a
/// warm start but no prediction.
public struct ModelSettings: Hashable, Sendable {
  /// The kind of model.
  public let classifier: ClassifierKind
  /// The rule for more than two classes.
  public let multiClass: MultiClass
  /// `{"training": …, "extraction": …}`.
  package let json: JSONValue

  /// - Parameter extraction: nil for a bare matrix.
  public init(_ training: TrainingSettings, extraction: ExtractionSettings? = nil) {
    classifier = training.model.kind
    multiClass = training.model.multiClass
    var fields = ["training": training.json]
    if let extraction { fields["extraction"] = extraction.json }
    json = .object(fields)
  }

  /// - Throws: ``JSONError`` if it does not give the kind of the scores.
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

  /// The settings of the extraction; nil for a bare matrix, and for files of formats 1 and 2, which do not keep them.
  ///
  /// - Throws: as ``training()``.
  public func extraction() throws(SettingsError) -> ExtractionSettings? {
    guard let extraction = json["extraction"] else { return nil }
    return try ExtractionSettings(json: extraction)
  }

  /// A setting of the training as it would be typed; nil if it has no meaning or is not known.
  public func word(_ field: String) -> String? { json["training"]?[field]?.typed }

  /// The loss that is minimized beside the penalty: `cross-entropy`, a hinge's name, or `squared-distance`.
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
