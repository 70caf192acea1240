// Answers the images of `predict`, `classify` and `explain`.

import LayerTap
import Synchronization
import TapFileSystem
import TapFormats

/// Answers the images of a source of paths and prints the answers.
struct ClassificationRun<Answering: ImageAnswering> {
  let answering: Answering
  let source: PathSource
  /// The printer of the text around the answers, and of errors.
  let printer: ClassPrinter
  let threads: Int?
  /// Whether an answer's text has the milliseconds of the work.
  var isTimed = false
  /// The text of an answer. The calls are in the order of the images, one call at a time. An error ends the run.
  let entry: @Sendable (AnsweredImage, Answering.Answer) throws -> String

  /// - Throws: ``CommandError/someUnreadable(count:of:)`` at the end, if some images could not be read.
  func run(_ console: Console) throws {
    let line = ProgressLine("classifying", unit: "images", console: console)
    defer { line.finish() }
    console.print(printer.header, terminator: "")
    let tally = Mutex(Tally())
    let failure = Mutex<(any Error)?>(nil)
    let deliver: @Sendable (ScoringInput, Result<Answering.Answer, ClassifierError>, Duration) -> Void = {
      input, result, duration in
      let image = AnsweredImage(
        label: input.label, milliseconds: isTimed ? duration / .milliseconds(1) : nil,
        isFirst: tally.withLock { $0.total == $0.unreadable })
      do {
        switch result {
        case .success(let answer):
          let text = try entry(image, answer)
          line.finish()
          console.print(text, terminator: "")
        case .failure(let error):
          tally.withLock { $0.unreadable += 1 }
          line.finish()
          if source.isStream {
            console.print(printer.errorLine(image.label, error), terminator: "")
            try console.record("\(error)")
          } else {
            try console.warn("\(error)")
          }
        }
      } catch { failure.withLock { $0 = $0 ?? error } }
      let total = tally.withLock { tally in
        tally.total += 1
        return tally.total
      }
      if let count = source.count { line.update(total, of: count) }
    }
    let hasEnded = { @Sendable in Interruption.requested || failure.withLock { $0 != nil } }
    // A stream waits for its next line without a time limit, and cannot stop by itself while it waits.
    if source.isStream {
      answering.answers(
        inputs: { hasEnded() ? nil : source.next() }, count: nil, threads: threads, deliver: deliver)
    } else {
      Interruption.stopping {
        answering.answers(
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

/// An image with an answer.
struct AnsweredImage {
  let label: ImageLabel
  /// The milliseconds of the work on the image, if they are printed.
  let milliseconds: Double?
  /// Whether this is the first answer.
  let isFirst: Bool
}

/// The way in which an answer names its image.
enum ImageLabel {
  /// The path as the user gave it.
  case path(String)
  case frame(FrameLabel)

  /// The image in messages.
  var text: String {
    switch self {
    case .path(let path): path
    case .frame(let frame): "frame \(frame.index)"
    }
  }

  /// The fields of the answer's JSON object. A name that is not UTF-8 is `nameBase64`.
  var fields: [(name: String, value: JSONValue)] {
    switch self {
    case .path(let path): return [("path", .string(path))]
    case .frame(let frame):
      var fields: [(name: String, value: JSONValue)] = [("index", .integer(frame.index))]
      guard let name = frame.name else { return fields }
      if let text = String(validating: name, as: UTF8.self) {
        fields.append(("name", .string(text)))
      } else {
        fields.append(("nameBase64", .string(Base64.text(name))))
      }
      return fields
    }
  }
}

extension ScoringInput {
  fileprivate var label: ImageLabel {
    switch self {
    case .image(let image): .path(image.name(at: 0))
    case .refused(let text, _): .path(text)
    case .framed(let label, _), .refusedFrame(let label, _): .frame(label)
    }
  }
}
