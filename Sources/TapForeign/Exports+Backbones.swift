// Backbones: see layertap.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CTapForeign
import LayerTap

@c @implementation public func layertap_backbone_names(
  _ names: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call { try unsafe HandleResult(names, "names").set(Texts(Architectures.names)) }
}

/// The settings that name columns, which an extractor takes.
private let columnSettings = ["layers", "pool", "columns"]

@c @implementation public func layertap_backbone_open(
  _ source: UnsafePointer<CChar>?, _ sourceSize: Int, _ settings: UnsafePointer<CChar>?, _ settingsSize: Int,
  _ backbone: UnsafeMutablePointer<layertap_backbone>?
) -> Int32 {
  call {
    let result = try unsafe HandleResult(backbone, "backbone")
    let source = try unsafe String(filled: source, sourceSize, "source")
    let fields = try unsafe settingFields(settings, settingsSize)
    let settings = try extractionSettings(
      fields, over: ExtractionSettings(backbone: source),
      isTaken: { $0 != "backbone" && !columnSettings.contains($0) },
      others: fields["backbone"] == nil ? "layertap_extractor_create" : "the argument `source`")
    result.set(try BackboneObject(settings))
  }
}

@c @implementation public func layertap_backbone_describe(
  _ backbone: layertap_backbone, _ json: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let loaded = try object(backbone, as: BackboneObject.self).loaded
    let result = try unsafe HandleResult(json, "json")
    let backbone = loaded.backbone
    let logits = try? backbone.dimensions(of: Column(tap: backbone.resolve("logits"), pooling: .none))
    var fields = (backbone.layerTable ?? backbone.table).fields
    fields["preprocessing"] = backbone.preprocessing.json
    fields["weightsHash"] = .string(backbone.weightsHash)
    fields["classCount"] = logits.map(JSONValue.integer) ?? .null
    fields["warnings"] = .array(loaded.warnings.map(JSONValue.string))
    result.set(Texts(.object(fields)))
  }
}

@c @implementation public func layertap_backbone_classifier(
  _ backbone: layertap_backbone, _ classifier: UnsafeMutablePointer<layertap_classifier>?
) -> Int32 {
  call {
    let backbone = try object(backbone, as: BackboneObject.self).loaded.backbone
    let result = try unsafe HandleResult(classifier, "classifier")
    result.set(ClassifierObject(.pretrained(try BackboneClassifier(backbone))))
  }
}

// MARK: - Extractors

@c @implementation public func layertap_extractor_create(
  _ backbone: layertap_backbone, _ settings: UnsafePointer<CChar>?, _ settingsSize: Int,
  _ extractor: UnsafeMutablePointer<layertap_extractor>?
) -> Int32 {
  call {
    let backbone = try object(backbone, as: BackboneObject.self)
    let result = try unsafe HandleResult(extractor, "extractor")
    let settings = try extractionSettings(
      unsafe settingFields(settings, settingsSize), over: backbone.settings,
      isTaken: columnSettings.contains, others: "layertap_backbone_open")
    result.set(try ExtractorObject(backbone, settings))
  }
}

@c @implementation public func layertap_extractor_columns(
  _ extractor: layertap_extractor, _ names: UnsafeMutablePointer<layertap_texts>?
) -> Int32 {
  call {
    let extractor = try object(extractor, as: ExtractorObject.self)
    try unsafe HandleResult(names, "names").set(Texts(extractor.columns.map(\.name)))
  }
}

@c @implementation public func layertap_extractor_dimensions(
  _ extractor: layertap_extractor, _ dimensions: UnsafeMutablePointer<Int>?, _ count: Int
) -> Int32 {
  call {
    let extractor = try object(extractor, as: ExtractorObject.self)
    try unsafe CallerMemory(
      dimensions, count: count, expected: extractor.dimensions.count, "dimensions"
    ).write(extractor.dimensions)
  }
}
