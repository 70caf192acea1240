// Prints the classes of images as text, CSV, JSON or JSON lines.

import LayerTap
import TapFormats
import TapReports
import TapText

/// A class of an image, as the command prints it.
struct PrintedClass {
  /// The index among the backbone's own classes; nil for a class of a trained model.
  var index: Int?
  var name: String
  var confidence: Double
}

/// The novelty of an image, as the command prints it.
struct PrintedNovelty {
  let distance: Double
  let percentile: Double
  let isUnlike: Bool

  init(_ distance: Double, _ score: NoveltyScore) {
    self.distance = distance
    percentile = score.percentile(of: distance)
    isUnlike = score.isUnlike(distance)
  }

  var text: String {
    ", novelty \(NumberText.fixed(percentile, digits: 2))" + (isUnlike ? ": unlike the training images" : "")
  }

  var json: JSONValue {
    .object(["distance": .number(distance), "percentile": .number(percentile), "unlike": .bool(isUnlike)])
  }
}

/// Prints the results in the order of the images.
struct ClassPrinter {
  static let format = Options.format(["text", "csv", "json"])

  let format: String
  /// Whether each result is one JSON object on its own line, printed separately.
  var isStream: Bool
  let kind: ClassifierKind
  /// An image whose largest probability is below this number gets no class; nil gives every image a class.
  var leastProbability: Double?
  /// The model's measure of novelty; nil if the model has none.
  var novelty: NoveltyScore?

  /// Whether an image gets no class; nil if every image gets a class.
  private func isRejected(_ classes: [PrintedClass]) -> Bool? {
    leastProbability.map { least in classes.first.map { $0.confidence < least } ?? true }
  }

  var header: String {
    if isStream { return "" }
    switch format {
    case "csv":
      return CSV.line(
        ["path", "rank", "class", kind.scoreName] + (leastProbability == nil ? [] : ["rejected"])
          + (novelty == nil ? [] : ["novelty"]))
    case "json": return "["
    default: return ""
    }
  }

  func footer(isEmpty: Bool) -> String { !isStream && format == "json" ? (isEmpty ? "]\n" : "\n]\n") : "" }

  /// - Parameter distance: the distance by the model's measure of novelty, if it has one.
  func entry(_ image: AnsweredImage, _ classes: [PrintedClass], distance: Double? = nil) -> String {
    isStream
      ? line(image, classes, distance) : entry(image.label.text, classes, distance: distance, isFirst: image.isFirst)
  }

  /// - Parameter distance: the distance by the model's measure of novelty, if it has one.
  func entry(_ path: String, _ classes: [PrintedClass], distance: Double? = nil, isFirst: Bool) -> String {
    let novelty = distance.flatMap { distance in self.novelty.map { PrintedNovelty(distance, $0) } }
    let isRejected = isRejected(classes)
    switch format {
    case "csv":
      let last = (isRejected.map { [String($0)] } ?? []) + (novelty.map { ["\($0.percentile)"] } ?? [])
      return classes.enumerated().map { rank, entry in
        CSV.line([path, String(rank + 1), entry.name, "\(entry.confidence)"] + last)
      }.joined()
    case "json":
      let predictions = classes.map { entry in
        var fields: [String: JSONValue] = [
          "class": .string(entry.name), kind.scoreName: .number(entry.confidence),
        ]
        if let index = entry.index { fields["index"] = .integer(index) }
        return JSONValue.object(fields)
      }
      var fields: [String: JSONValue] = ["path": .string(path), "predictions": .array(predictions)]
      fields["rejected"] = isRejected.map(JSONValue.bool)
      fields["novelty"] = novelty?.json
      return (isFirst ? "\n" : ",\n") + JSONValue.object(fields).canonical
    default:
      let text = classes.map { "\($0.name) \(kind.confidenceText($0.confidence))" }.joined(separator: ", ")
      return "\(path): " + (isRejected == true ? "no class (\(text))" : text) + (novelty?.text ?? "") + "\n"
    }
  }

  /// The JSON line of an image: `{"class": …, "path": …, "probabilities": {…}}`, or with `margins` or `similarities`.
  /// The class of a rejected image is null. An image of a frame has its index and its name in place of a path.
  private func line(_ image: AnsweredImage, _ classes: [PrintedClass], _ distance: Double?) -> String {
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
    let isRejected = isRejected(classes)
    let best: JSONValue = isRejected == true ? .null : .string(classes.first?.name ?? "")
    var fields = image.label.fields.map { ($0.name, $0.value.canonical) }
    fields += [("class", best.canonical), (name, "{\(confidences.joined(separator: ","))}")]
    if let milliseconds = image.milliseconds {
      fields.append(("milliseconds", JSONValue.number(milliseconds).canonical))
    }
    if let isRejected { fields.append(("rejected", JSONValue.bool(isRejected).canonical)) }
    if let distance, let novelty {
      fields.append(("novelty", PrintedNovelty(distance, novelty).json.canonical))
    }
    return "{" + fields.sorted { $0.0 < $1.0 }.map(field).joined(separator: ",") + "}\n"
  }

  /// The JSON line of an image that cannot be read: `{"error": …, "path": …}`.
  func errorLine(_ image: ImageLabel, _ error: ClassifierError) -> String {
    let fields = Dictionary(image.fields.map { ($0.name, $0.value) }) { first, _ in first }
    return JSONValue.object(fields.merging(["error": .string("\(error)")]) { $1 }).canonical + "\n"
  }
}
