// Texts, paths and settings that the caller passes.

import CTapForeign
import LayerTap

extension String {
  /// A text of the caller.
  ///
  /// - Parameter name: the argument's name, for errors.
  /// - Throws: ``ForeignError/null(_:)``, ``ForeignError/argument(_:problem:)``, ``ForeignError/notUTF8(_:)``.
  init(_ data: UnsafePointer<CChar>?, _ size: Int, _ name: String) throws {
    guard size >= 0 else { throw ForeignError.argument(name, problem: "the size is negative or beyond 2^63 - 1") }
    guard let data = unsafe data else {
      guard size == 0 else { throw ForeignError.null(name) }
      self = ""
      return
    }
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size)
    guard let text = unsafe String(validating: bytes, as: UTF8.self) else { throw ForeignError.notUTF8(name) }
    self = text
  }

  /// A text of the caller that must not be empty.
  init(filled data: UnsafePointer<CChar>?, _ size: Int, _ name: String) throws {
    try unsafe self.init(data, size, name)
    if isEmpty {
      throw unsafe data == nil
        ? ForeignError.null(name) : ForeignError.argument(name, problem: "the text is empty")
    }
  }
}

/// The fields of a JSON object of settings. An empty text is an empty object.
///
/// - Throws: ``SettingsError``, and the errors of a text.
func settingFields(_ data: UnsafePointer<CChar>?, _ size: Int) throws -> [String: JSONValue] {
  let text = try unsafe String(data, size, "settings")
  guard !text.isEmpty else { return [:] }
  let json: JSONValue
  do { json = try JSONValue.parse(text) } catch { throw SettingsError.syntax(error) }
  guard let fields = json.objectValue else {
    throw SettingsError.value(field: "settings", found: json, expected: "an object")
  }
  return fields
}

/// The settings of an extraction, of which only some may be stated.
///
/// - Parameters:
///   - isTaken: whether a setting belongs to this call.
///   - place: the call that takes the other settings, for the error.
/// - Throws: ``SettingsError``.
func extractionSettings(
  _ fields: [String: JSONValue], over settings: ExtractionSettings, isTaken: (String) -> Bool,
  others place: String
) throws(SettingsError) -> ExtractionSettings {
  let known = ExtractionSettings.settings.map(\.name)
  if let other = fields.keys.sorted().first(where: { known.contains($0) && !isTaken($0) }) {
    throw .rule(field: other, "\(place) takes it")
  }
  return try settings.taking(fields)
}
