// A classifier and the backbone that it needs, as `evaluate` and `predict` load them.

import LayerTap

/// A classifier from its file.
struct LoadedModel {
  let classifier: Classifier

  static let parameter = Parameter<String>.positional(
    "model", .text, help: "A classifier's file, as 'layertap train' writes it.")

  static let backbone = Parameter<String?>.optional(
    "backbone", .text, valueName: "name", defaultText: "the model's",
    help: "The frozen network, if it is not a built-in one: the checkpoint that the model was trained with.")

  init(_ path: String) throws {
    classifier = try Classifier(contentsOf: path)
  }

  /// Loads the backbone and proves on the golden image that it fits.
  func images(_ arguments: ParsedArguments, _ console: Console) throws -> (ImageClassifier, Backbone) {
    guard let source = classifier.source else { throw ClassifierError.noBackbone }
    var backbone = try Backbone.load(arguments[Self.backbone] ?? source.identity.backbone)
    backbone.preprocessing = source.identity.preprocessing
    let images = try ImageClassifier(
      classifier, backbone: backbone, instructionSet: arguments[Options.instructionSet] ?? .best)
    for remark in images.remarks { console.note("note: \(remark)") }
    return (images, backbone)
  }
}
