// `--against`: another classifier's predictions of the same images, as `evaluate --predictions` wrote them.

import LayerTap
import TapFileSystem
import TapFormats
import TapReports
import TapText

/// Two classifiers on the same images.
struct ClassifierComparison {
  let path: String
  let paired: PairedComparison

  /// Reads the file and pairs it with an evaluation by path.
  ///
  /// - Throws: ``CommandError/otherPredictions(path:problem:)`` unless it has every image of the evaluation, with the same
  ///   label.
  init(_ path: String, pairedWith evaluation: Evaluation) throws {
    func failed(_ problem: String) -> CommandError { .otherPredictions(path: path, problem: problem) }
    let records: [CSVRecord]
    do { records = try CSV.tableRecords(try FileSystem.read(path, allowsPipe: true)) } catch let error
      as CSVError
    {
      throw failed(error.description)
    }
    let header = records.first?.fields ?? []
    guard let image = header.firstIndex(of: "path"), let label = header.firstIndex(of: "label"),
      let predicted = header.firstIndex(of: "predicted")
    else { throw failed("the first line must name the columns path, label and predicted") }
    var others: [ByteKey: (label: String, predicted: String)] = [:]
    for record in records.dropFirst() {
      guard record.fields.count == header.count else {
        throw failed("line \(record.line): expected \(header.count) fields, found \(record.fields.count)")
      }
      let fields = record.fields
      guard others.updateValue((fields[label], fields[predicted]), forKey: ByteKey(fields[image])) == nil
      else {
        throw failed("line \(record.line): \(fields[image]) occurs twice")
      }
    }
    var (onlyFirst, onlySecond) = (0, 0)
    for (index, item) in evaluation.items.enumerated() {
      guard let other = others[ByteKey(item.path)] else {
        throw failed("it has no prediction of \(item.path)")
      }
      guard item.label.hasBytes(of: other.label) else {
        throw failed("\(item.path) is labeled '\(other.label)' there and '\(item.label ?? "")' here")
      }
      let isRight = evaluation.predictions[index] == evaluation.labels[index]
      let isOtherRight = other.predicted == other.label
      if isRight, !isOtherRight { onlyFirst += 1 }
      if !isRight, isOtherRight { onlySecond += 1 }
    }
    self.path = path
    paired = PairedComparison(onlyFirst: onlyFirst, onlySecond: onlySecond)
  }

  /// `against a.csv: 12 images only this classifier has right, 5 only that one; …`.
  var text: String {
    "against \(path): \(NumberText.grouped(paired.onlyFirst)) "
      + "\(paired.onlyFirst == 1 ? "image" : "images") only this classifier has right, "
      + "\(NumberText.grouped(paired.onlySecond)) only that one; if neither were better, that or more would "
      + "happen with probability \(NumberText.significant(paired.pValue)) (McNemar's exact test)"
  }

  var json: JSONValue {
    .object([
      "path": .string(path), "onlyThis": .integer(paired.onlyFirst),
      "onlyThat": .integer(paired.onlySecond), "pValue": .number(paired.pValue),
    ])
  }

  var csv: String {
    [
      ("only_this_right", "\(paired.onlyFirst)"), ("only_that_right", "\(paired.onlySecond)"),
      ("mcnemar_p", "\(paired.pValue)"),
    ].map { CSV.line([$0, "", "", $1, "", ""]) }.joined()
  }
}
