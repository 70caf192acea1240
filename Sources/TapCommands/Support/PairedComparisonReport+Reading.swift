// `--against`: reads another classifier's predictions of the same images, in the format of `evaluate --predictions`.

import LayerTap
import TapFileSystem
import TapFormats
import TapReports

extension PairedComparisonReport {
  /// Reads the file of predictions and pairs each prediction with the image of an evaluation by path.
  ///
  /// - Throws: ``CommandError/otherPredictions(path:problem:)`` unless the file has every image of the evaluation, with
  /// the same label.
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
    for (index, item) in evaluation.items.images.enumerated() {
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
    self.init(path: path, paired: PairedComparison(onlyFirst: onlyFirst, onlySecond: onlySecond))
  }
}
