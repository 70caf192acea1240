// Prints the classes of images as text, CSV, JSON or JSON lines.

import LayerTap
import Synchronization
import TapFileSystem
import TapFormats
import TapReports

/// A class of an image, as the command prints it.
struct PrintedClass {
  /// The index among the backbone's own classes; nil for a class of a trained model.
  var index: Int?
  var name: String
  var confidence: Double
}

/// Prints the results in the order of the images.
struct ClassPrinter {
  static let format = Options.format(["text", "csv", "json"])

  let format: String
  /// Whether each result is one JSON object on its own line, printed separately.
  let isStream: Bool
  let kind: ClassifierKind

  var header: String {
    if isStream { return "" }
    switch format {
    case "csv": return CSV.line(["path", "rank", "class", kind.scoreName])
    case "json": return "["
    default: return ""
    }
  }

  func footer(isEmpty: Bool) -> String { !isStream && format == "json" ? (isEmpty ? "]\n" : "\n]\n") : "" }

  func entry(_ path: String, _ classes: [PrintedClass], isFirst: Bool) -> String {
    if isStream { return line(path, classes) }
    switch format {
    case "csv":
      return classes.enumerated().map { rank, entry in
        CSV.line([path, String(rank + 1), entry.name, "\(entry.confidence)"])
      }.joined()
    case "json":
      let predictions = classes.map { entry in
        var fields: [String: JSONValue] = [
          "class": .string(entry.name), kind.scoreName: .number(entry.confidence),
        ]
        if let index = entry.index { fields["index"] = .integer(index) }
        return JSONValue.object(fields)
      }
      let value = JSONValue.object(["path": .string(path), "predictions": .array(predictions)])
      return (isFirst ? "\n" : ",\n") + value.canonical
    default:
      return "\(path): "
        + classes.map { "\($0.name) \(kind.confidenceText($0.confidence))" }.joined(separator: ", ") + "\n"
    }
  }

  /// The JSON line of an image: `{"class": …, "path": …, "probabilities": {…}}`, or with `margins` or `similarities`.
  private func line(_ path: String, _ classes: [PrintedClass]) -> String {
    let name =
      switch kind {
      case .logistic: "probabilities"
      case .svm: "margins"
      case .nearestMean: "similarities"
      }
    func field(_ name: String, _ text: String) -> String { JSONValue.string(name).canonical + ":" + text }
    // Two names with different bytes can be equal as `String`s. So the keys of this dictionary are `ByteKey`s, and the
    // object's text is written by hand.
    let byName = Dictionary(
      classes.map { (ByteKey($0.name), $0.confidence) }, uniquingKeysWith: { first, _ in first })
    let confidences = byName.sorted { $0.key < $1.key }
      .map { field($0.key.text, JSONValue.number($0.value).canonical) }
    let fields = [
      ("path", JSONValue.string(path).canonical),
      ("class", JSONValue.string(classes.first?.name ?? "").canonical),
      (name, "{\(confidences.joined(separator: ","))}"),
    ]
    return "{" + fields.sorted { $0.0 < $1.0 }.map(field).joined(separator: ",") + "}\n"
  }

  /// The JSON line of an image that cannot be read: `{"error": …, "path": …}`.
  func errorLine(_ path: String, _ error: ClassifierError) -> String {
    JSONValue.object(["path": .string(path), "error": .string("\(error)")]).canonical + "\n"
  }
}

/// Scores the images of a source of paths and prints the results.
struct ClassificationRun<Scoring: ImageScoring> {
  let scoring: Scoring
  let source: PathSource
  let printer: ClassPrinter
  let threads: Int?
  let classes: @Sendable ([Double]) -> [PrintedClass]

  /// - Throws: ``CommandError/someUnreadable(count:of:)`` at the end, if some images could not be read.
  func run(_ console: Console) throws {
    let line = ProgressLine("classifying", unit: "images", console: console)
    defer { line.finish() }
    console.print(printer.header, terminator: "")
    let tally = Mutex(Tally())
    let failure = Mutex<CommandError?>(nil)
    let deliver: @Sendable (ScoringInput, Result<[Double], ClassifierError>) -> Void = { input, result in
      let path = input.path
      let isFirst = tally.withLock { $0.total == $0.unreadable }
      switch result {
      case .success(let scores):
        line.finish()
        console.print(printer.entry(path, classes(scores), isFirst: isFirst), terminator: "")
      case .failure(let error):
        line.finish()
        do throws(CommandError) {
          if source.isStream {
            console.print(printer.errorLine(path, error), terminator: "")
            try console.record("\(error)")
          } else {
            try console.warn("\(error)")
          }
        } catch { failure.withLock { $0 = $0 ?? error } }
        tally.withLock { $0.unreadable += 1 }
      }
      let total = tally.withLock { tally in
        tally.total += 1
        return tally.total
      }
      if let count = source.count { line.update(total, of: count) }
    }
    let hasEnded = { @Sendable in Interruption.requested || failure.withLock { $0 != nil } }
    // A stream waits for its next line without a time limit, and cannot stop by itself while it waits.
    if source.isStream {
      scoring.scores(
        inputs: { hasEnded() ? nil : source.next() }, count: nil, threads: threads, deliver: deliver)
    } else {
      Interruption.stopping {
        scoring.scores(
          inputs: { hasEnded() ? nil : source.next() }, count: source.count, threads: threads,
          deliver: deliver)
      }
    }
    let done = tally.withLock { $0 }
    console.print(printer.footer(isEmpty: done.total == done.unreadable), terminator: "")
    line.finish()
    if let failure = failure.withLock({ $0 }) { throw failure }
    if Interruption.requested { throw CommandError.interrupted(done: done.total, of: source.count) }
    if let failure = source.failure { throw failure }
    if done.unreadable > 0 { throw CommandError.someUnreadable(count: done.unreadable, of: done.total) }
  }

  private struct Tally {
    var total = 0
    var unreadable = 0
  }
}

extension ScoringInput {
  /// The path as the user gave it.
  fileprivate var path: String {
    switch self {
    case .image(let image): image.name(at: 0)
    case .refused(let text, _): text
    }
  }
}
