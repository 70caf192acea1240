// `predict` for a file of features: predicts a class for each row.

import LayerTap
import TapFileSystem

/// The rows of a file of features, which the command classifies.
struct FeatureFileArgument {
  private let classifier: Classifier
  private let file: FeatureFile

  /// Reads the file of features that the arguments name. Returns nil if the arguments are images.
  ///
  /// - Throws: ``UsageError`` if other paths, or options of images, stand beside a file of features.
  init?(_ arguments: ParsedArguments, _ classifier: Classifier) throws {
    let paths = arguments[PathSource.images]
    guard let path = paths.first(where: { FeatureFile.kind(of: $0) != nil && FileSystem.exists($0) }) else {
      for declaration in DataInput.reading where arguments.has(declaration) {
        throw UsageError.contradiction(
          "'\(declaration.flagName)' is for a file of features, and there is none")
      }
      return nil
    }
    guard paths.count == 1 else {
      throw UsageError.contradiction("\(path) holds features: classify it by itself")
    }
    for declaration in LoadedModel.options + [Options.instructionSet.declaration]
      + [ImagePredictor.explanations.declaration] + Options.listedFiles.declarations
    where arguments.has(declaration) {
      throw UsageError.contradiction("'\(declaration.flagName)' is for images; \(path) holds features")
    }
    self.classifier = classifier
    var names = DataInput.names(arguments).reading(path, for: classifier)
    names.part = .test
    file = try FeatureFile(path, names: names, dimensions: classifier.dimensions)
    guard file.features.columns == classifier.dimensions else {
      throw ClassifierError.dimensions(expected: classifier.dimensions, found: file.features.columns)
    }
  }

  /// Prints the first `top` classes of each row.
  ///
  /// - Throws: ``TrainingError/notFinite(path:column:value:)``.
  func predict(top: Int, _ printer: ClassPrinter, _ console: Console) throws {
    for note in file.notes { try console.warn(note) }
    console.print(printer.header, terminator: "")
    for row in 0..<file.features.rows {
      let name = file.name(ofRow: row)
      let scores = file.features.withRow(row) { classifier.scores($0) }
      guard scores.allSatisfy(\.isFinite) else {
        // The footer makes the output so far complete.
        console.print(printer.footer(isEmpty: row == 0), terminator: "")
        throw file.notFinite(row: row)
      }
      let classes = classifier.ranking(scores: scores).prefix(top).map {
        PrintedClass(index: nil, name: $0.className, confidence: $0.confidence)
      }
      let distance = file.features.withRow(row) { classifier.novelty?.distance($0) }
      console.print(printer.entry(name, classes, distance: distance, isFirst: row == 0), terminator: "")
    }
    console.print(printer.footer(isEmpty: false), terminator: "")
  }
}
