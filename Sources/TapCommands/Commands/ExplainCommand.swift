// `layertap explain`: says which parts of an image a score comes from.

import LayerTap
import TapReports

extension Command {
  private static let className = Parameter<String?>.optional(
    "class", .text, valueName: "name", defaultText: "the predicted class of each image",
    topic: .output, isCommon: true, help: "The class whose score is explained.")

  private static let against = Parameter<String?>.optional(
    "against", .text, valueName: "name", topic: .output, isCommon: true,
    help: "With --class: explain the difference to the score of this class.")

  private static let output = Parameter<String?>.optional(
    "output", short: "o", .folder, valueName: "dir", topic: .output, isCommon: true,
    help: """
      A folder for a heat map (PNG), an array (.npy) and a JSON file of each image. Without it nothing is written.
      """)

  private static let format = Options.format(["text", "json"])

  package static let explain = Command(
    "explain", overview: "Show which parts of an image a classifier's score comes from.",
    discussion: """
      With average pooling and a linear classifier, a score is exactly a sum over the cells of the tapped layer. \
      Orange cells raise the score, blue cells lower it; the heat map shows the part of the photograph that the \
      network gets. Several layers have a map each, and their shares. With maximum pooling, the cell that has the maximum counts.

        layertap explain shirts.layertap photo.jpg --output why
        layertap explain shirts.layertap photo.jpg --class striped --against checked --format json
      """,
    parameters: [
      LoadedModel.parameter.declaration, PathSource.listedImages.declaration, className.declaration,
      against.declaration, output.declaration, format.declaration,
    ] + Options.listedFiles.declarations + LoadedModel.options + [
      Options.threads.declaration, Options.instructionSet.declaration,
    ]
  ) { arguments, console in
    if arguments[against] != nil, arguments[className] == nil {
      throw UsageError.contradiction("'--against' compares with the class of '--class': name both")
    }
    if let name = arguments[className], arguments[against] == name {
      throw UsageError.contradiction("'--class' and '--against' both name '\(name)': name two classes")
    }
    let model = try LoadedModel(arguments[LoadedModel.parameter])
    let source = try PathSource(listedIn: arguments, for: "explain")
    for warning in source.warnings { try console.warn(warning) }
    let folder = try arguments[output].map {
      try ExplanationFolder($0, option: "--output", apartFrom: source.listed)
    }
    let (images, backbone) = try model.images(arguments, console)
    let explainer = try ImageExplainer(
      images, backbone: backbone, className: arguments[className], against: arguments[against],
      instructionSet: arguments[Options.instructionSet] ?? .best)
    let notes = explainer.notes
    for note in notes { console.note("note: \(note.text)") }
    let isJSON = arguments[format] == "json"
    try ClassificationRun(
      answering: ExplainedImages(explainer: explainer, keepsCrops: folder != nil), source: source,
      printer: ClassPrinter(
        format: arguments[format], isStream: false, kind: model.classifier.confidenceKind),
      threads: arguments[Options.threads],
      entry: { image, answer in
        let path = image.label.text
        let report = ExplanationReport(answer.explained, of: path, by: explainer.classifier, notes: notes)
        if let folder, let crop = answer.crop { try folder.write(report, of: path, crop: crop) }
        return isJSON ? (image.isFirst ? "\n" : ",\n") + report.json().canonical : report.text + "\n"
      }
    ).run(console)
  }
}
