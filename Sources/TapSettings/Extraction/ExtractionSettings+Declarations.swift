// The declarations of the settings of an extraction.

import TapFormats
import TapProvenance

extension ExtractionSettings: SettingGroup {
  package static let settings: [Setting<ExtractionSettings>] =
    backboneSettings + preprocessingSettings + [exactColumns]

  package static let examples = [ExtractionSettings(), ExtractionSettings(columns: .exact([])), stated]

  private static var stated: ExtractionSettings {
    var settings = ExtractionSettings()
    settings.architecture = "resnetblur50"
    return settings
  }

  package var brokenRule: SettingsError? { nil }

  /// The settings of the taps, the network, and the way the network is computed.
  package static let backboneSettings: [Setting<ExtractionSettings>] = [
    Setting(
      "backbone", .text, valueName: "name",
      topic: .features, isCommon: true, isPath: true,
      help: "The frozen network: a built-in name (see 'layertap layers') or a checkpoint.",
      get: { .string($0.backbone) },
      set: { settings, value in if let name = value.stringValue { settings.backbone = name } }),
    Setting(
      "architecture", .text, valueName: "name", defaultText: "what the tensors say",
      topic: .features,
      help: """
        The network of a checkpoint whose tensors do not tell it, such as resnetblur50 or tf_efficientnet_b0: blur, padding, \
        epsilon.
        """,
      purpose: { _ in "the checkpoint's tensors say it" },
      get: { $0.architecture.map(JSONValue.string) },
      set: { settings, value in if let name = value.stringValue { settings.architecture = name } }),
    Setting(
      "layers", .list(.text, isSet: false), valueName: "name",
      topic: .features, isCommon: true,
      help: "The layers to tap: names, aliases, or 'all'; see 'layertap layers'.",
      get: { $0.columns.names.map { .array($0.layers.map(JSONValue.string)) } },
      set: { settings, value in
        let layers = value.arrayValue?.compactMap(\.stringValue) ?? []
        settings.columns = .named(layers: layers, poolings: settings.columns.names?.poolings ?? [.avg])
      }),
    Setting(
      "pool", .list(.words(Pooling.selectable.map(\.name)), isSet: true), valueName: "rule",
      topic: .features, isCommon: true,
      help: "How a layer's activation becomes a vector.",
      get: { $0.columns.names.map { .array($0.poolings.map { .string($0.name) }) } },
      set: { settings, value in
        let poolings = value.arrayValue?.compactMap(\.stringValue).compactMap(Pooling.init(name:)) ?? []
        settings.columns = .named(
          layers: settings.columns.names?.layers ?? ["penultimate"], poolings: poolings)
      }),
    Setting(
      "tune", .flag,
      topic: .features,
      help: """
        Measure once which algorithm computes each convolution fastest here. Features change by rounding, so they get a \
        store of their own; store and model keep the choices.
        """,
      get: { .bool($0.tunes) },
      set: { settings, value in settings.tunes = value == .bool(true) }),
  ]

  /// The exact columns, which a file may state instead of layers and poolings.
  private static let exactColumns = Setting<ExtractionSettings>(
    "columns", .columns, valueName: "columns", topic: .features, help: "The columns by canonical names.",
    purpose: { _ in "`layers` and `pool` name the columns" },
    get: { settings in
      if case .exact(let columns) = settings.columns { .array(columns.map(\.json)) } else { nil }
    },
    set: { settings, value in
      let columns = value.arrayValue?.compactMap { try? Column(json: $0) } ?? []
      settings.columns = .exact(columns)
    })
}

extension ExtractionSettings {
  /// The settings that change the preprocessing.
  package static let preprocessingSettings: [Setting<ExtractionSettings>] = [
    change(
      "size", .integer(8...4096), "n", \.size, "The side of the network's square input in pixels.",
      JSONValue.integer, \.intValue),
    word(
      "resize", "rule", \.resize,
      """
      Scale the short side and crop, squash, or scale the long side and pad; squash-crop and border crop after that, \
      as timm does.
      """),
    change(
      "cropFraction", .number(.share), "f", \.cropFraction, "Part of the side that the crop keeps.",
      JSONValue.number, \.doubleValue),
    word("interpolation", "name", \.interpolation, "The filter of the antialiased resize."),
    change(
      "scale", .number(.positive), "x", \.scale, "Divides the pixel values.", JSONValue.number, \.doubleValue),
    change(
      "mean", .channels(.any), "r,g,b", \.mean, "Subtracted after scaling.", numbers, \.numbers),
    change(
      "std", .channels(.positive), "r,g,b", \.standardDeviation, "Divides after the mean.", numbers,
      \.numbers),
    word("channels", "order", \.channels, "The order of the channels."),
    word(
      "decode", "mode", \.decode, usually: "exact",
      "Decode large JPEGs exactly, or fast: scaled down, for slightly other pixels."),
    word(
      "orientation", "rule", \.orientation, usually: "exif",
      "Turn images upright as the camera noted, or leave them as they are stored."),
    word(
      "alpha", "rule", \.alpha, usually: "white",
      "Lay transparent images on white or black, or drop the transparency as Pillow does."),
    change(
      "allowTruncated", .flag, "", \.allowsTruncated, usually: "false",
      "Take files that end early, their missing part gray or black.", JSONValue.bool, \.boolValue),
  ]

  /// Declares a field of the preprocessing. If the user does not state the field, the backbone's value is used.
  private static func change<Value>(
    _ name: String, _ values: SettingValues, _ valueName: String,
    _ path: any WritableKeyPath<PreprocessingChanges, Value?> & Sendable, usually: String? = nil,
    _ help: String, _ json: @escaping @Sendable (Value) -> JSONValue,
    _ value: any KeyPath<JSONValue, Value?> & Sendable
  ) -> Setting<ExtractionSettings> {
    Setting(
      name, .optional(values, word: nil), valueName: valueName,
      defaultText: usually.map { "the backbone's, else \($0)" } ?? "the backbone's",
      topic: .preprocessing, help: help,
      get: { $0.changes[keyPath: path].map(json) ?? .null },
      set: { $0.changes[keyPath: path] = $1[keyPath: value] })
  }

  /// Declares a field of the preprocessing whose values are the cases of an enumeration.
  private static func word<Value: SendableMetatype & CaseIterable & RawRepresentable<String>>(
    _ name: String, _ valueName: String,
    _ path: any WritableKeyPath<PreprocessingChanges, Value?> & Sendable, usually: String? = nil,
    _ help: String
  ) -> Setting<ExtractionSettings> {
    Setting(
      name, .optional(.words(of: Value.self), word: nil), valueName: valueName,
      defaultText: usually.map { "the backbone's, else \($0)" } ?? "the backbone's",
      topic: .preprocessing, help: help,
      get: { $0.changes[keyPath: path].map { .string($0.rawValue) } ?? .null },
      set: { $0.changes[keyPath: path] = Value($1) })
  }

  private static let numbers: @Sendable ([Double]) -> JSONValue = { .array($0.map(JSONValue.number)) }
}

extension JSONValue {
  /// The elements of an array of numbers.
  fileprivate var numbers: [Double]? { arrayValue?.compactMap(\.doubleValue) }
}

extension ExtractionSettings {
  /// Throws an error for values out of range.
  ///
  /// - Throws: ``SettingsError``, which names the field.
  public func validate() throws(SettingsError) { try checkSettings() }

  /// The canonical form: a JSON object with every setting, whose keys are sorted by bytes.
  public var text: String { json.canonical }

  /// Reads a JSON object of settings. A missing setting has its default.
  ///
  /// - Throws: ``SettingsError``.
  public init(text: String) throws(SettingsError) { try self.init(parsing: text) }
}
