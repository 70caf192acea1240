// Predicts the backbone's own classes for images, for the command `classify` and for a pipeline with the task
// `classify`.

import LayerTap
import Synchronization
import TapFileSystem

/// Classifies the images of a source of paths by the classes that a backbone was trained on.
struct BackboneClassificationRun {
  private let run: ClassificationRun<BackboneClassifier>

  /// - Parameters:
  ///   - format: `text`, `csv` or `json`.
  ///   - top: the number of classes to name for each image.
  /// - Throws: ``ClassifierError`` for a backbone without a classifier.
  init(
    _ backbone: Backbone, source: PathSource, format: String, top: Int, isTimed: Bool = false, threads: Int?,
    instructionSet: InstructionSet
  ) throws {
    let classifier = try BackboneClassifier(backbone, instructionSet: instructionSet)
    let printer = ClassPrinter(format: format, isStream: source.isStream, kind: .logistic)
    run = ClassificationRun(
      answering: classifier, source: source, printer: printer, threads: threads, isTimed: isTimed,
      entry: { image, scores in
        let classes = classifier.ranking(scores: scores).prefix(top).map {
          PrintedClass(index: $0.index, name: $0.prediction.className, confidence: $0.prediction.confidence)
        }
        return printer.entry(image, classes)
      })
  }

  /// Prints the classes.
  func run(_ console: Console) throws { try run.run(console) }

  /// Writes the classes to a file. An existing file is replaced once all classes are written.
  func run(_ console: Console, into path: String) throws {
    var failure: (any Error)?
    try FileSystem.createDirectories(FileSystem.parent(of: path))
    try AtomicWriter.replace(path) { file throws(FileSystemError) in
      let sink = FileSink(file)
      do {
        try run.run(console.printing(to: sink.write))
      } catch {
        failure = error
      }
      if let error = sink.failure { throw error }
    }
    if let failure { throw failure }
  }
}

/// A file to which text is appended, in the order of the calls.
private final class FileSink: Sendable {
  private let file: File
  private let state = Mutex((offset: 0, failure: FileSystemError?.none))

  init(_ file: File) { self.file = file }

  /// The error of the first failed write. Nothing is written after a failed write.
  var failure: FileSystemError? { state.withLock { $0.failure } }

  func write(_ text: String) {
    state.withLock { state in
      guard state.failure == nil else { return }
      let bytes = Array(text.utf8)
      do throws(FileSystemError) {
        try file.write(bytes, at: state.offset)
        state.offset += bytes.count
      } catch {
        state.failure = error
      }
    }
  }
}
