/*
 * for-ever FOLDER PROGRAM ARGS...: runs a program, one of whose threads even SIGKILL cannot end, as none can that is in an
 * uninterruptible call. ptrace(2): with PTRACE_O_TRACEEXIT a thread that is killed stops early in its end, files still open, until
 * its tracer lets it go on. FOLDER/thread says which thread; FOLDER/ended gets the status of PROGRAM once it can be waited for;
 * FOLDER/let-go ends it all.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder;

static FILE *file(const char *name, const char *mode) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return fopen(path, mode);
}

static void say(const char *name, int number) {
  FILE *out = file("new", "w");
  char from[4096], to[4096];
  fprintf(out, "%d", number);
  fclose(out);
  snprintf(from, sizeof from, "%s/new", folder);
  snprintf(to, sizeof to, "%s/%s", folder, name);
  rename(from, to);
}

int main(int count, char **words) {
  if (count < 3) return 2;
  folder = words[1];
  pid_t program = fork();
  if (program == 0) {
    execvp(words[2], words + 2);
    _exit(127);
  }
  /* What the program wrote has an end when the program has. */
  for (int each = 0; each < 3; each += 1) close(each);
  for (int each = 0; each < 3; each += 1) open("/dev/null", O_RDWR);
  int thread = 0, status;
  pid_t ended = 0;
  while (file("let-go", "r") == NULL) {
    FILE *in = thread == 0 ? file("thread", "r") : NULL;
    if (in != NULL) {
      if (fscanf(in, "%d", &thread) == 1 && ptrace(PTRACE_SEIZE, thread, 0, PTRACE_O_TRACEEXIT) != 0) {
        say("refused", 1);
        return 1;
      }
      fclose(in);
    }
    if (ended == 0 && (ended = waitpid(program, &status, WNOHANG)) > 0) {
      say("ended", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    usleep(2000);
  }
  return 0;
}
