// The record as JSON, for programs. A repeated run gives the same record, except for times and counts of new
// computations.

import TapComparison
import TapFileSystem
import TapFormats
import TapMetrics
import TapProvenance
import TapRun

extension RunRecord {
  /// The record in format 1. Documentation/Pipelines.md lists the fields.
  ///
  /// - Parameters:
  ///   - program: the name and the version of the program.
  ///   - warnings: the program's warnings, which include ``warnings``.
  package func json(program: String, warnings: [String]) -> JSONValue {
    .object([
      "format": .integer(1),
      "program": .string(program),
      "name": .string(configuration.name),
      "pipelineHash": .string(configuration.fileHash),
      "images": .object([
        "folder": .string(configuration.images),
        "training": .integer(images.training),
        "validation": .integer(images.validation),
        "test": .integer(images.test),
        "classNames": .array(images.classNames.map { .string($0) }),
        "unreadable": .array(images.unreadable.map { .string($0) }),
        "inSeveralSplits": .integer(images.inSeveralSplits),
      ]),
      "selection": .object([
        "method": .string(method.text),
        "seed": JSONValue(configuration.seed),
        "standardization": .string(configuration.training[0].resolvedStandardization.rawValue),
        "transform": configuration.training[0].transform.json,
      ]),
      "sources": .array(sources.map(RunRecord.json)),
      "seconds": .object([
        "extraction": .number(seconds.extraction),
        "selection": .number(seconds.selection),
        "test": .number(seconds.test),
      ]),
      "computedRows": .integer(computedRows),
      "searchedColumns": .integer(searchedColumns),
      "warnings": .array(warnings.map(JSONValue.string)),
    ])
  }

  private static func json(_ result: SourceResult) -> JSONValue {
    var fields: [String: JSONValue] = [
      "identity": result.identity.json,
      "identityHash": .string(result.identity.hash),
      "entries": .array(result.entries.map(Comparison.json)),
      "best": .integer(result.comparison.bestIndex),
      "tried": .integer(result.comparison.tried),
      "test": .object([
        "accuracy": result.test.accuracy.json,
        "majority": result.test.majority.json,
      ]),
    ]
    if !result.comparison.baselines.isEmpty {
      fields["baselines"] = .array(result.comparison.baselines.map(Comparison.json))
    }
    if let corrected = result.comparison.corrected { fields["corrected"] = corrected.json }
    if let nested = result.comparison.nested { fields["nested"] = nested.accuracy.json }
    if let curve = result.comparison.learningCurve { fields["learningCurve"] = curve.json }
    switch result.source {
    case .pixels: fields["source"] = .string("pixels")
    case .random(let seed):
      fields["source"] = .string("random")
      fields["seed"] = JSONValue(seed)
    case .pretrained: fields["source"] = .string("pretrained")
    }
    return .object(fields)
  }

  /// Writes the results that the configuration names: the HTML report, the record, the chosen classifier.
  ///
  /// - Parameter warnings: the program's warnings, which include ``warnings``.
  /// - Returns: the kind and the path of each written file.
  package func writeFiles(
    warnings: [String], origin: ReportOrigin
  ) throws(RunError) -> [(kind: String, path: String)] {
    var written: [(kind: String, path: String)] = []
    if let path = configuration.report {
      try write(html(warnings: warnings, origin: origin), to: path)
      written.append(("report", path))
    }
    if let path = configuration.record {
      try write(json(program: origin.program, warnings: warnings).pretty + "\n", to: path)
      written.append(("record", path))
    }
    if let path = configuration.model {
      do {
        try FileSystem.createDirectories(FileSystem.parent(of: path))
      } catch { throw .file(error) }
      do { try pretrained.classifier.write(to: path) } catch { throw .classifier(error) }
      written.append(("model", path))
    }
    return written
  }

  private func write(_ text: String, to path: String) throws(RunError) {
    do {
      try FileSystem.createDirectories(FileSystem.parent(of: path))
      try AtomicWriter.replace(path, with: text)
    } catch { throw .file(error) }
  }
}
