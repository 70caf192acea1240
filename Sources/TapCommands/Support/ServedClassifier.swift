// `predict --listen`: a classifier that answers the clients of a socket.

import LayerTap
import TapFileSystem
import TapFormats
import TapReports
import TapServing

/// A server of a classifier.
struct ServedClassifier {
  static let listen = Parameter<String?>.optional(
    "listen", .text, valueName: "unix:path", topic: .running, isCommon: true,
    help: "Serve the clients of a socket at this path in the file system, which send frames, until SIGTERM.")

  private static let prefix = "unix:"

  private let path: String
  private let arguments: ParsedArguments

  /// - Throws: ``UsageError`` for another kind of address, and for images and options that do not fit a server.
  init(_ address: String, _ arguments: ParsedArguments) throws(UsageError) {
    guard address.hasPrefix(Self.prefix), address.count > Self.prefix.count else {
      throw .invalidValue(
        address, argument: Self.listen.declaration.label, expected: "'unix:' and a path", suggestion: nil)
    }
    path = String(address.dropFirst(Self.prefix.count))
    self.arguments = arguments
    guard arguments[PathSource.images].isEmpty else {
      throw .contradiction("'--listen' gets the images from clients: name none")
    }
    for option in [
      PathSource.standardInput.declaration, PathSource.null.declaration, ClassPrinter.format.declaration,
      ImagePredictor.explanations.declaration,
    ] + Options.listedFiles.declarations + DataInput.reading where arguments.has(option) {
      throw .contradiction(
        "'\(option.flagName)' is not for '--listen', whose clients send frames and get lines of JSON")
    }
  }

  func run(_ model: LoadedModel, _ printer: ClassPrinter, top: Int?, _ console: Console) throws {
    let (images, _) = try model.images(arguments, console)
    let classifier = model.classifier
    let predictor = ImagePredictor(images: images, explained: nil)
    let count = top ?? classifier.classNames.count
    let isTimed = arguments[PathSource.time]
    var printer = printer
    printer.isStream = true
    let lines = printer
    let server = try FrameServer(path: path)
    console.note("listening at \(path)")
    let answers = FrameServer.Answers(
      limit: ImageDecoder.maximumBytes, hello: Self.description(of: classifier).canonical,
      refusal: { index, error in
        lines.errorLine(.frame(FrameLabel(index: index, name: nil)), .notAFrame(problem: "\(error)"))
      },
      makeWorker: {
        var answerer = ImageAnswerer(predictor, threads: 1)
        return { frame in
          switch PathSource.input(frame) {
          case .framed(let label, let image):
            let start = ContinuousClock.now
            do throws(ClassifierError) {
              let answer = try answerer.answer(image)
              let classes = classifier.ranking(scores: answer.scores).prefix(count).map {
                PrintedClass(index: nil, name: $0.className, confidence: $0.confidence)
              }
              let answered = AnsweredImage(
                label: .frame(label),
                milliseconds: isTimed ? start.duration(to: .now) / .milliseconds(1) : nil, isFirst: false)
              return lines.entry(answered, Array(classes), distance: answer.distance)
            } catch { return lines.errorLine(.frame(label), error) }
          case .refusedFrame(let label, let error): return lines.errorLine(.frame(label), error)
          case .image, .refused: preconditionFailure("a frame is no path")
          }
        }
      })
    let areAllAnswered = Interruption.stopping(within: FrameServer.patience + 1) {
      server.run(answers, workers: arguments[Options.threads] ?? Threads.available) { Interruption.requested }
    }
    guard areAllAnswered else { throw CommandError.clientsLeft }
  }

  /// The answer to a frame named `hello`.
  private static func description(of classifier: Classifier) -> JSONValue {
    var fields: [String: JSONValue] = [
      "index": .integer(0), "name": .string("hello"), "version": .string(CommandLineTool.version),
      "classes": .array(classifier.classNames.map(JSONValue.string)),
      "answers": .string(classifier.confidenceKind.scoreName), "hasNovelty": .bool(classifier.novelty != nil),
    ]
    if let source = classifier.source {
      fields["backbone"] = .string(source.identity.backbone)
      fields["columns"] = .array(source.columns.map { .string($0.name) })
      fields["inputSize"] = .integer(source.identity.preprocessing.size)
    }
    return .object(fields)
  }
}
