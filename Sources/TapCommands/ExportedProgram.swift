// The program that `layertap export --executable` writes: the command `predict` with a model of its own.

import LayerTap
import TapFileSystem
import TapFormats
import TapText

enum ExportedProgram {
  /// Runs the command line if a model is appended to the file of this program, and returns the exit code. Nil if the
  /// file has no model, or cannot be read.
  static func run(_ words: [String], console: Console) -> Int32? {
    guard let path = Environment.programFile else { return nil }
    do {
      guard let program = try? ProgramFile(path: path), let bytes = try program.model() else { return nil }
      let (classifier, backbone) = try Classifier.load(bytes, path: path)
      let name = Environment.commandLine.first.map { FileSystem.name(of: String(decoding: $0, as: UTF8.self)) }
      if words == ["--version"] {
        console.print(version(classifier))
        return ExitCode.success
      }
      if words == ["--about"] {
        console.print(about(classifier, byteCount: bytes.count, hash: SHA256.hash(bytes).hex))
        return ExitCode.success
      }
      let command = Command.predicting(
        name ?? "program", overview: "Classify images: \(classes(classifier)).", model: nil
      ) { _ in LoadedModel(classifier, embedded: backbone) }
      return CommandLineTool.run(words, console: console, root: command)
    } catch {
      console.note("Error: \(error)")
      return ExitCode.of(error)
    }
  }

  private static func classes(_ classifier: Classifier) -> String {
    let names = classifier.classNames
    let shown = names.prefix(8).joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }

  private static func version(_ classifier: Classifier) -> String {
    "LayerTap \(CommandLineTool.version), with a classifier of \(classifier.classNames.count) classes"
  }

  /// The facts about the model, a line each.
  private static func about(_ classifier: Classifier, byteCount: Int, hash: String) -> String {
    var lines = [
      version(classifier), "classes: \(classifier.classNames.joined(separator: ", "))",
      "model: \(NumberText.bytes(byteCount)), SHA-256 \(hash)",
    ]
    if let source = classifier.source {
      lines.append("backbone: \(source.identity.backbone) at \(source.name), weights \(source.identity.weightsHash)")
    }
    if let estimate = classifier.training.chosenEstimate {
      let accuracy = estimate.accuracy
      lines.append(
        "accuracy at the training, on held-out images: \(NumberText.percent(accuracy.value)) % "
          + "(\(accuracy.successes) of \(accuracy.count))")
    }
    lines.append(
      "licenses: LayerTap Apache-2.0; the program also contains Swift's runtime (Apache-2.0), OpenBLAS (BSD-3-Clause), libjpeg-turbo "
        + "(IJG, BSD-3-Clause), libpng (libpng-2.0), zlib (Zlib) and the GNU C library (LGPL-2.1-or-later). The texts are in the "
        + "release's archive. The license of the network's weights is their publisher's: 'layertap weights list' has it"
    )
    return lines.joined(separator: "\n")
  }
}
