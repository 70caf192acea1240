// A program that contains a classifier with its network, and classifies images by itself.

import TapBackbone
import TapClassifier
import TapFileSystem

/// A program to write.
public struct ExecutableExport: Sendable {
  package let classifier: Classifier
  private let bytes: [UInt8]

  /// - Parameter backbone: the backbone of the training.
  /// - Throws: ``ExportError/classifier(_:)`` if the classifier has no backbone, or another one.
  public init(_ classifier: Classifier, backbone: Backbone) throws(ExportError) {
    guard classifier.source != nil else { throw .classifier(.noBackbone) }
    do {
      _ = try ImageClassifier(classifier, backbone: backbone)
      bytes = try classifier.encoded(embedding: backbone)
    } catch { throw .classifier(error) }
    self.classifier = classifier
  }

  /// Writes a copy of a program with the model appended, reads the model again, and then replaces `path`. The file may
  /// be run by everyone who may read it.
  ///
  /// - Parameter program: the path of the static command.
  /// - Throws: ``ExportError/notStatic`` for a program that needs libraries, ``ExportError``.
  public func write(to path: String, program: String) throws(ExportError) {
    let source: ProgramFile
    do { source = try ProgramFile(path: program) } catch { throw .program(error) }
    guard source.isStatic else { throw .notStatic }
    try CheckedFile.replace(
      path,
      write: { trial throws(ExportError) in
        do throws(FileSystemError) { try write(source, to: trial) } catch { throw .file(error) }
      },
      check: { trial throws(ExportError) in
        let read: [UInt8]?
        do throws(ProgramFileError) { read = try ProgramFile(path: trial).model() } catch { throw .program(error) }
        let found: Classifier
        do throws(ClassifierError) { found = try Classifier.load(read ?? [], path: trial).classifier } catch {
          throw .classifier(error)
        }
        guard found == classifier else {
          throw .differs(part: "weights", difference: .infinity, allowed: 0)
        }
      })
  }

  private func write(_ source: ProgramFile, to path: String) throws(FileSystemError) {
    try AtomicWriter.replace(path) { file throws(FileSystemError) in
      let part = 1 << 20
      var offset = 0
      while offset < source.programEnd {
        let count = min(part, source.programEnd - offset)
        try file.write(source.file.read(at: offset, count: count), at: offset)
        offset += count
      }
      let rest = offset % ProgramFile.alignment
      if rest > 0 {
        try file.write([UInt8](repeating: 0, count: ProgramFile.alignment - rest), at: offset)
        offset += ProgramFile.alignment - rest
      }
      try file.write(bytes, at: offset)
      try file.write(
        ProgramFile.trailer(offset: offset, count: bytes.count), at: offset + bytes.count)
      try file.allowExecution()
    }
  }
}
