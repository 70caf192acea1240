// The frame of every call: the check for a fork, the thread of the call, and the status and text of an error.

import CTapForeign
import LayerTap

/// Runs a call and returns its status. The text of an error is kept for the calling thread.
///
/// - Parameter keepsError: whether a success leaves the text of the thread's previous error as it is.
func call(keepsError: Bool = false, _ body: () throws -> Void) -> Int32 {
  guard lt_begin_call() != 0 else { return fail(ForeignError.forked) }
  defer { lt_end_call() }
  var outcome = Result<Void, any Error>.failure(
    lt_is_forked_in_call() == 0 ? ForeignError.noThread : ForeignError.forked)
  let hasRun = onRightThread { outcome = Result { try body() } }
  // A progress function can fork. In the child process the thread of the work does not exist.
  if !hasRun, lt_is_forked_in_call() != 0 { return fail(ForeignError.forked) }
  switch outcome {
  case .success:
    if !keepsError { lt_set_error(nil, 0) }
    return LAYERTAP_OK
  case .failure(let error): return fail(error)
  }
}

/// Runs a function on a thread that may use Swift's locks: see `lt_run`.
///
/// - Returns: whether the function has returned.
@discardableResult func onRightThread(_ body: () -> Void) -> Bool {
  withoutActuallyEscaping(body) { body in
    var function = body
    return unsafe withUnsafeMutablePointer(to: &function) { function in
      unsafe lt_run(
        { context in
          guard let context = unsafe context else { return }
          unsafe context.assumingMemoryBound(to: (() -> Void).self).pointee()
        }, function) != 0
    }
  }
}

/// Keeps the text of an error and returns its status. A zero byte would end the text.
private func fail(_ error: any Error) -> Int32 {
  var text = error is CancellationError ? "stopped, as the progress function asked" : "\(error)"
  if text.utf8.contains(0) { text = text.replacing("\0", with: "\\0") }
  text.withUTF8 { bytes in
    unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe lt_set_error($0.baseAddress, $0.count) }
  }
  return status(of: error)
}

/// The status of an error.
func status(of error: any Error) -> Int32 {
  error is CancellationError ? LAYERTAP_STOPPED : ExitCode.of(error)
}
