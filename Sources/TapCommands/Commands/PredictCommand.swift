// `layertap predict`: the classes of images.

import LayerTap
import TapFormats
import TapReports

extension Command {
  private static let images = Parameter<[String]>.positionals(
    "images", .text, help: "Image files and folders of them.")

  private static let format = Options.format(["text", "csv", "json"])

  private static let top = Parameter<Int>.option(
    "top", .integer(atLeast: 1), valueName: "k", default: 1, help: "How many classes to name for each image.")

  package static let predict = Command(
    "predict", overview: "Classify images with a trained classifier.",
    discussion: """
      Nothing is stored. The classifier first proves on its golden image that backbone and preprocessing \
      are those that it was trained with, and refuses to work if they are not. A logistic regression gives \
      probabilities, a linear SVM margins: positive on the side of the class, at least 1 beyond doubt. \
      An image that cannot be read is named on standard error, the others are still classified, and the \
      exit code is 1.
      """,
    parameters: [
      LoadedModel.parameter.declaration, images.declaration, format.declaration, top.declaration,
      LoadedModel.backbone.declaration, Options.threads.declaration, Options.instructionSet.declaration,
    ]
  ) { arguments, console in
    let model = try LoadedModel(arguments[LoadedModel.parameter])
    let list = try ImageList(paths: arguments[images])
    let (classifier, _) = try model.images(arguments, console)
    let paths = list.items.map(list.location)
    let threads = arguments[Options.threads] ?? Threads.available
    let printer = PredictionPrinter(
      format: arguments[format], top: arguments[top], classifier: model.classifier)
    let line = ProgressLine("classifying", unit: "images", console: console)
    defer { line.finish() }
    console.print(printer.header, terminator: "")
    var unreadable = 0
    var isFirst = true
    // Enough at once to keep every core busy, few enough that results come while one watches.
    let portion = threads * 16
    for start in stride(from: 0, to: paths.count, by: portion) {
      let files = Array(paths[start..<min(start + portion, paths.count)])
      let results = classifier.scores(files: files, threads: threads)
      line.finish()
      for (path, result) in zip(files, results) {
        switch result {
        case .success(let scores):
          console.print(printer.entry(path, scores, isFirst: isFirst), terminator: "")
          isFirst = false
        case .failure(let error):
          console.note("\(error)")
          unreadable += 1
        }
      }
      line.update(start + files.count, of: paths.count)
    }
    console.print(printer.footer, terminator: "")
    line.finish()
    if unreadable > 0 { throw CommandError.someUnreadable(count: unreadable, of: paths.count) }
  }
}

/// Predictions in one of the formats.
private struct PredictionPrinter {
  let format: String
  let top: Int
  let classifier: Classifier

  var header: String {
    switch format {
    case "csv": CSV.line(["path", "rank", "class", classifier.kind.scoreName])
    case "json": "["
    default: ""
    }
  }

  var footer: String { format == "json" ? "\n]\n" : "" }

  func entry(_ path: String, _ scores: [Double], isFirst: Bool) -> String {
    let ranked = classifier.ranking(scores: scores).prefix(top)
    switch format {
    case "csv":
      return ranked.enumerated().map { rank, entry in
        CSV.line([path, String(rank + 1), entry.className, "\(entry.confidence)"])
      }.joined()
    case "json":
      let predictions = ranked.map { entry in
        JSONValue.object([
          "class": .string(entry.className), classifier.kind.scoreName: .number(entry.confidence),
        ])
      }
      let value = JSONValue.object(["path": .string(path), "predictions": .array(predictions)])
      return (isFirst ? "\n" : ",\n") + value.canonical
    default:
      return "\(path): "
        + ranked.map { "\($0.className) \(classifier.kind.confidenceText($0.confidence))" }.joined(
          separator: ", ")
        + "\n"
    }
  }
}
