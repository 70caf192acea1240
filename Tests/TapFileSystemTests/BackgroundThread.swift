// A second thread in a test, which writes to a pipe that the test reads.

import Glibc

/// A thread that runs `body` once.
final class BackgroundThread {
  private var handle = pthread_t()
  private let body: () -> Void

  init(_ body: @escaping () -> Void) {
    self.body = body
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe pthread_create(
      &handle, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<BackgroundThread>.fromOpaque(context).takeUnretainedValue().body()
        return nil
      }, context)
  }

  func join() { pthread_join(handle, nil) }
}
