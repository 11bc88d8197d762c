// Keeps signal handlers off the threads that compute.
//
// TensorFlow's CPU library multiplies matrices with code that oneDNN generates at run time. That code uses
// memory below the stack pointer beyond the 128 bytes that the x86-64 ABI protects from signal handlers: a
// signal that arrives on a computing thread (Ctrl-C, a resized terminal, an ended child process) overwrites
// it, and the heap is corrupt afterwards. Node's own handlers only write to a pipe, so any thread may run
// them. This file gives them one: when the add-on is loaded, asynchronous signals are blocked on the loading
// thread, and so on every thread it starts later; an idle thread takes them instead.

#if defined(__linux__) || defined(__APPLE__)
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace {

void* TakeSignals(void* blocked) {
  pthread_sigmask(SIG_UNBLOCK, static_cast<sigset_t*>(blocked), nullptr);
  for (;;) pause();
}

__attribute__((constructor)) void RaiseShield() {
  static sigset_t blocked;
  sigemptyset(&blocked);
  const int asynchronous[] = {SIGHUP,  SIGINT,  SIGQUIT,  SIGTERM, SIGUSR1, SIGUSR2,
                              SIGCHLD, SIGCONT, SIGWINCH, SIGALRM, SIGIO,   SIGPIPE};
  for (int signal : asynchronous) sigaddset(&blocked, signal);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  // Block first: a thread starts with the mask of the one that creates it.
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  if (pthread_create(&thread, &attributes, TakeSignals, &blocked) != 0) {
    pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
  }
  pthread_attr_destroy(&attributes);
}

}  // namespace
#endif
