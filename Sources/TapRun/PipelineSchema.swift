// The JSON Schema of pipeline files. Editors use it to complete names of fields and to mark wrong values.

import TapFormats
import TapSettings

/// The JSON Schema of pipeline files, made from the declarations of the settings.
///
/// A file that the schema refuses is also refused by ``PipelineFile/init(contentsOf:)``. The schema accepts some files
/// that this initializer refuses, because it has no rules between settings. Source: JSON Schema, draft 2020-12.
public enum PipelineSchema {
  /// The text of the schema.
  public static var text: String { schema.pretty }

  static var schema: JSONValue {
    let isClassification = object(["task": ["const": .string("classify")]], required: ["task"])
    return .object([
      "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
      "title": .string("A pipeline of layertap"),
      "type": .string("object"),
      "if": .object(isClassification),
      "then": .object(classification),
      "else": .object(comparison),
    ])
  }

  private typealias Fields = [String: JSONValue]

  private static let path = SettingValues.text.schema
  private static let paths = SettingValues.list(.text, isSet: false).schema

  private static var comparison: Fields {
    var fields: [String: Fields] = [
      "$schema": described(path, "The address of this schema, for editors."),
      "task": described(SettingValues.words(["compare"]).schema, "The work that the pipeline does."),
      "name": described(path, "The title of the results."),
      "images": described(path, "The folder with the images."),
      "labels": described(path, "A list (.csv, .tsv, .jsonl) with the columns path, label and split."),
      "limit": described(
        SettingValues.integer(1...Int.max).schema, "The largest number of images, drawn with the seed."),
      "store": described(path, "The parent folder of the feature stores."),
      "baselines": described(baselines, "Baselines for the pretrained backbone."),
      "combine": described(
        SettingValues.integer(2...3).schema, "Also try up to this number of columns side by side."),
      "learningCurve": described(learningCurve, "Accuracy against the number of images of each class."),
      "report": described(path, "The path of an HTML page."),
      "record": described(path, "The path of a JSON file with settings, hashes and results."),
      "model": described(path, "The path of a model file with the chosen classifier."),
    ]
    for setting in ListSettings.settings { fields[setting.name] = setting.schema }
    for setting in DuplicateSettings.settings { fields[setting.name] = setting.schema }
    for setting in ExtractionSettings.fileSettings { fields[setting.name] = setting.schema }
    for setting in TrainingSettings.settings { fields[setting.name] = setting.schema }
    fields["backbone"] = described(
      ConfigurationReader.backboneValues.schema,
      "The frozen network: a built-in name or the path of a checkpoint, or several to compare.")
    fields["classifier"] = described(
      TrainingSettings.comparedWords.schema,
      "The kind of linear model, or several kinds to compare, with k-nn as a baseline.")
    for (earlier, name) in ConfigurationReader.earlierNames {
      fields[earlier] = fields[name]?.merging(["deprecated": .bool(true)]) { $1 }
    }
    return closed(fields, required: ["images", "layers"])
  }

  private static var classification: Fields {
    var fields: [String: Fields] = [
      "$schema": described(path, "The address of this schema, for editors."),
      "task": described(SettingValues.words(["classify"]).schema, "The work that the pipeline does."),
      "images": described(paths, "Image files and folders with image files."),
      "top": described(
        SettingValues.integer(1...1000).schema, "The number of classes to name for each image."),
      "output": described(
        ["type": .string("string"), "pattern": .string(#"\.(csv|json)$"#)], "The path of the predictions."),
    ]
    let settings = ExtractionSettings.fileSettings.filter { ["backbone", "architecture"].contains($0.name) }
    for setting in settings + ExtractionSettings.preprocessingSettings {
      fields[setting.name] = setting.schema
    }
    for setting in ListSettings.fileSettings { fields[setting.name] = setting.schema }
    return closed(fields, required: ["images"])
  }

  private static var baselines: Fields {
    closed([
      "pixels": closed(["size": SettingValues.integer(1...512).schema], required: ["size"]),
      "random": closed(["seed": SettingValues.seed.schema]),
    ])
  }

  private static var learningCurve: Fields {
    closed([
      "imagesPerClass": [
        "type": .string("array"), "items": .object(SettingValues.integer(1...Int.max).schema),
        "minItems": .integer(1),
      ],
      "draws": SettingValues.integer(1...1000).schema,
    ])
  }

  private static func described(_ schema: Fields, _ text: String) -> Fields {
    schema.merging(["description": .string(text)]) { $1 }
  }

  /// An object without other fields.
  private static func closed(_ fields: [String: Fields], required: [String] = []) -> Fields {
    object(fields, required: required).merging(
      ["type": .string("object"), "additionalProperties": .bool(false)]) { $1 }
  }

  private static func object(_ fields: [String: Fields], required: [String]) -> Fields {
    [
      "properties": .object(fields.mapValues(JSONValue.object)),
      "required": .array(required.map(JSONValue.string)),
    ]
  }
}
